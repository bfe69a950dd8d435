/** The reply of `replSetGetStatus`. */
import {
  formatGtid,
  type Gtid,
  type Member,
  type MemberConfig,
  memberStateCode,
  type Peer,
  type ReplicaSetConfig,
  stateNameOf,
  voteMajority,
  votersOf,
  writeMajority,
} from '../ark/index.ts';
import { type Moment, type Moments, noMoment } from './optime.ts';

export interface StatusFacts {
  readonly state: Member;
  readonly config: ReplicaSetConfig;
  readonly moments: Moments;
  /** Wall time of this member, milliseconds. */
  readonly wallMs: number;
  readonly startedWallMs: number;
  /** When the present tenure began, on the primary. */
  readonly electedWallMs: number | undefined;
  readonly memberMessage: string;
  /** On the primary. */
  readonly election: Record<string, unknown> | undefined;
  /** While data is copied. */
  readonly initialSync: Record<string, unknown> | undefined;
}

export function statusDocument(facts: StatusFacts): Record<string, unknown> {
  const { state, config, moments, wallMs } = facts;
  const applied = moments.at(state.lastDurable) ?? noMoment;
  const committed = moments.at(state.commitPoint) ?? noMoment;
  const source = config.members.find((member) => member._id === state.sync.source);
  return {
    set: config._id,
    date: new Date(wallMs),
    myState: memberStateCode[stateNameOf(state.role)],
    term: BigInt(state.maxKnownTermId),
    syncSourceHost: source?.host ?? '',
    syncSourceId: source?._id ?? -1,
    heartbeatIntervalMillis: BigInt(config.settings.heartbeatIntervalMillis),
    majorityVoteCount: voteMajority(config),
    writeMajorityCount: writeMajority(config),
    votingMembersCount: votersOf(config).length,
    writableVotingMembersCount: votersOf(config).filter((member) => !member.arbiterOnly).length,
    optimes: {
      lastCommittedOpTime: committed.opTime,
      lastCommittedWallTime: committed.wallTime,
      readConcernMajorityOpTime: committed.opTime,
      appliedOpTime: applied.opTime,
      durableOpTime: applied.opTime,
      writtenOpTime: applied.opTime,
      lastAppliedWallTime: applied.wallTime,
      lastDurableWallTime: applied.wallTime,
      lastWrittenWallTime: applied.wallTime,
    },
    ...(facts.election === undefined ? {} : { electionCandidateMetrics: facts.election }),
    ...(facts.initialSync === undefined ? {} : { initialSyncStatus: facts.initialSync }),
    members: config.members.map((member) =>
      member._id === state.self
        ? selfDocument(member, facts, applied)
        : peerDocument(member, state.peers[member._id], facts),
    ),
    ark: {
      lastApplied: formatGtid(state.lastEntry),
      lastDurable: formatGtid(state.lastDurable),
      commitPoint: formatGtid(state.commitPoint),
      maxVotedTermId: state.maxVotedTermId,
      maxKnownTermId: state.maxKnownTermId,
      rollbackId: state.rollbackId,
      incarnation: state.incarnation,
    },
  };
}

function selfDocument(
  member: MemberConfig,
  facts: StatusFacts,
  applied: Moment,
): Record<string, unknown> {
  const { state, config, electedWallMs } = facts;
  const source = config.members.find(({ _id }) => _id === state.sync.source);
  return {
    _id: member._id,
    name: member.host,
    health: 1,
    state: memberStateCode[stateNameOf(state.role)],
    stateStr: stateNameOf(state.role),
    uptime: Math.floor((facts.wallMs - facts.startedWallMs) / 1000),
    ...(member.arbiterOnly ? {} : opTimeFields(applied)),
    syncSourceHost: source?.host ?? '',
    syncSourceId: source?._id ?? -1,
    infoMessage: facts.memberMessage,
    ...(electedWallMs === undefined ? {} : electionFields(state, facts.moments, electedWallMs)),
    configVersion: config.version,
    configTerm: config.term,
    self: true,
    lastHeartbeatMessage: '',
  };
}

function electionFields(
  state: Member,
  moments: Moments,
  electedWallMs: number,
): Record<string, unknown> {
  const term = state.role.kind === 'primary' ? state.role.term : 0;
  const first = moments.at({ term, opid: 0 });
  return {
    ...(first === undefined ? {} : { electionTime: first.opTime.ts }),
    electionDate: new Date(electedWallMs),
  };
}

function peerDocument(
  member: MemberConfig,
  peer: Peer | undefined,
  facts: StatusFacts,
): Record<string, unknown> {
  const { state, config, moments, wallMs } = facts;
  const wallOf = (monotonic: number | undefined) =>
    new Date(monotonic === undefined ? 0 : Math.round(wallMs - (state.now - monotonic)));
  const status = peer?.status;
  const hasBeenHeard = peer?.heardAt !== undefined && status !== undefined;
  const isUp =
    hasBeenHeard &&
    peer.connected &&
    state.now - (peer.heardAt ?? 0) <= config.settings.heartbeatTimeoutSecs * 1000;
  const stateStr = !isUp ? (hasBeenHeard ? 'DOWN' : 'UNKNOWN') : status.state;
  const source = config.members.find(({ _id }) => _id === status?.syncSource);
  return {
    _id: member._id,
    name: member.host,
    health: isUp ? 1 : 0,
    state: isUp ? memberStateCode[status.state] : 8,
    stateStr: isUp ? stateStr : '(not reachable/healthy)',
    uptime: isUp ? Math.floor((wallMs - facts.startedWallMs) / 1000) : 0,
    ...(member.arbiterOnly ? {} : peerOpTimes(status, moments, state)),
    lastHeartbeat: wallOf(peer?.answeredAt),
    lastHeartbeatRecv: wallOf(peer?.heardAt),
    pingMs: BigInt(Math.round(peer?.pingMillis ?? 0)),
    lastHeartbeatMessage: isUp ? '' : `Error connecting to ${member.host}`,
    syncSourceHost: source?.host ?? '',
    syncSourceId: source?._id ?? -1,
    infoMessage: '',
    configVersion: peer?.config.version ?? -1,
    configTerm: peer?.config.term ?? -1,
  };
}

function peerOpTimes(
  status: { readonly lastEntry: Gtid; readonly lastDurable: Gtid } | undefined,
  moments: Moments,
  state: Member,
): Record<string, unknown> {
  if (status === undefined) {
    return opTimeFields(noMoment);
  }
  // A member that is ahead of this one: the best this one knows is its own end.
  const own = moments.at(state.lastDurable) ?? noMoment;
  const applied = moments.at(status.lastEntry) ?? own;
  const durable = moments.at(status.lastDurable) ?? own;
  return {
    ...opTimeFields(applied),
    optimeDurable: durable.opTime,
    optimeDurableDate: new Date(durable.opTime.ts.getHighBits() * 1000),
  };
}

function opTimeFields({ opTime, wallTime }: Moment): Record<string, unknown> {
  return {
    optime: opTime,
    optimeDate: new Date(opTime.ts.getHighBits() * 1000),
    lastAppliedWallTime: wallTime,
    lastDurableWallTime: wallTime,
  };
}
