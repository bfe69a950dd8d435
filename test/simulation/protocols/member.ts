import {
  type Gtid,
  initialGtid,
  type MemberConfig,
  type MemberOptions,
  type MemberStateName,
  type MemberStatus,
  type ReplicaSetConfig,
} from '../../../src/ark/index.ts';
import type { ElectionPhase } from './election.ts';
import { heartbeatPauseMillis, type PredecessorRules } from './rules.ts';

/**
 * The state of one member under a protocol before Ark: plain data. All of it is in memory and gone with the process, but for the log and
 * the configuration: votes are not written down [M].
 */
export interface PredecessorMember {
  readonly rules: PredecessorRules;
  readonly self: number;
  readonly config: ReplicaSetConfig;
  startedAt: number;
  now: number;
  /** The own wall clock, milliseconds. */
  wallMillis: number;
  random: number;

  state: 'primary' | 'secondary' | 'rollback' | 'recovering' | 'arbiter';
  /** The primary it believes in; may be itself. */
  primary: number | undefined;
  /** A primary's wall-clock time of its election, as a position (MongoDB 2.6). */
  electionTime: Gtid;
  /** GTIDs: the next entry opens a new term. */
  opensTerm: boolean;

  lastEntry: Gtid;
  lastDurable: Gtid;
  rollbackId: number;
  /** The last yes: to whom, and in which second of the wall clock. */
  lease: { who: number; atSecond: number } | undefined;
  notStandingBeforeMillis: number;
  /** Members that could become primary, as far as this one knows. */
  electable: number[];
  peers: Record<number, Peer>;
  manager: Manager;
  /** What each member has reported to hold, the newest report counting, whatever branch of history it is on. */
  progress: Record<number, Gtid>;
  /** By sender of reports, when the newest was sent: a connection keeps their order. */
  reportedAt: Record<number, number>;
  sync: SyncState;
  nextSequence: number;
}

/** Another member as heartbeats show it. */
export interface Peer {
  readonly id: number;
  readonly host: string;
  /** What the manager and the voters go by. */
  known: PeerInfo;
  /** What the heartbeats have brought; the manager takes it over when it is not busy. */
  latest: PeerInfo;
  /** The heartbeat on its way, if any. */
  asked: { readonly sequence: number; readonly at: number; sentAt: number } | undefined;
  nextAskAt: number;
  pingMillis: number;
}

export interface PeerInfo {
  /** `unknown`: not asked yet, counts as maybe up, not as up. */
  readonly health: 'unknown' | 'up' | 'down';
  readonly state: MemberStateName;
  readonly lastEntry: Gtid;
  readonly electionTime: Gtid;
  /** When a heartbeat was answered last. */
  readonly answeredAt: number;
}

/** One thread does it all, in order: news wait while it stands for election. */
export interface Manager {
  election: ElectionPhase | undefined;
  sleptLast: boolean;
  checkedAt: number;
  readonly queue: ManagerTask[];
}

export type ManagerTask =
  | { readonly kind: 'news'; readonly peer: number; readonly info: PeerInfo }
  | { readonly kind: 'check' };

export interface SyncState {
  source: number | undefined;
  /** Something has come from the source, so its log and ours agree. */
  isVerified: boolean;
  /** When positions were last told to the source. */
  reportedAt: number;
  forced: number | undefined;
  chooseNotBefore: number;
  vetoedUntil: Record<number, number>;
  lastRollbackAt: number;
  /** Heartbeats answered so far: sources are not chosen before there were two for each member. */
  pings: number;
}

/** The heartbeat of these protocols tells the time of the election too (MongoDB 2.6); only the answering side tells anything. */
export interface PredecessorStatus extends MemberStatus {
  readonly electionTime: Gtid;
}

export function createPredecessor(
  rules: PredecessorRules,
  options: MemberOptions,
): PredecessorMember {
  const { config, now } = options;
  if (config === undefined || options.needsInitialSync)
    throw new Error('the controls know no initiation and no initial sync');
  const self = options.self ?? config.members.find(({ host }) => host === options.host)?._id;
  const own = config.members.find(({ _id }) => _id === self);
  if (self === undefined || own === undefined) throw new Error('not a member');
  const unknown: PeerInfo = {
    health: 'unknown',
    state: 'UNKNOWN',
    lastEntry: initialGtid,
    electionTime: initialGtid,
    answeredAt: now,
  };
  const peers: Record<number, Peer> = {};
  for (const { _id, host } of config.members) {
    if (_id === self) continue;
    const ask = { asked: undefined, nextAskAt: now, pingMillis: 0 };
    peers[_id] = { id: _id, host, known: unknown, latest: unknown, ...ask };
  }
  const lastEntry = options.lastEntry ?? initialGtid;
  return {
    rules,
    self,
    config,
    startedAt: now,
    now,
    wallMillis: 0,
    random: 0.5,
    state: own.arbiterOnly ? 'arbiter' : 'secondary',
    primary: undefined,
    electionTime: initialGtid,
    opensTerm: false,
    lastEntry,
    lastDurable: lastEntry,
    rollbackId: options.rollbackId ?? 0,
    lease: undefined,
    notStandingBeforeMillis: Number.NEGATIVE_INFINITY,
    electable: [],
    peers,
    manager: { election: undefined, sleptLast: false, checkedAt: now, queue: [] },
    progress: {},
    reportedAt: {},
    sync: {
      source: undefined,
      isVerified: false,
      reportedAt: now,
      forced: undefined,
      chooseNotBefore: now,
      vetoedUntil: {},
      lastRollbackAt: Number.NEGATIVE_INFINITY,
      pings: 0,
    },
    nextSequence: 1,
  };
}

/** The members' heartbeats beat at moments of their own, as those of processes that were started one by one. */
export function spreadHeartbeats(member: PredecessorMember): void {
  for (const peer of peersOf(member))
    peer.nextAskAt =
      member.now + ((member.random * (1 + peer.id * 0.37)) % 1) * heartbeatPauseMillis;
}

export function peersOf(member: PredecessorMember): Peer[] {
  return Object.values(member.peers);
}

export function configOf(member: PredecessorMember, id: number): MemberConfig {
  const found = member.config.members.find(({ _id }) => _id === id);
  if (found === undefined) throw new Error(`no member ${id}`);
  return found;
}

export function votesOf(member: PredecessorMember, ids: readonly number[]): number {
  return ids.reduce((sum, id) => sum + configOf(member, id).votes, 0);
}

export function totalVotes(member: PredecessorMember): number {
  return member.config.members.reduce((sum, { votes }) => sum + votes, 0);
}

export function isUp(peer: Peer): boolean {
  return peer.known.health === 'up';
}

/** Own votes and those of members that are up are more than half of all. */
export function seesMajority(member: PredecessorMember): boolean {
  const up = peersOf(member)
    .filter(isUp)
    .map(({ id }) => id);
  return votesOf(member, [member.self, ...up]) * 2 > totalVotes(member);
}

export function wallSecond(member: PredecessorMember): number {
  return Math.floor(member.wallMillis / 1000);
}

/** The own state and priority allow it, and nobody has told it to hold back. */
export function mayStand(member: PredecessorMember): boolean {
  return (
    member.state === 'secondary' &&
    configOf(member, member.self).priority > 0 &&
    member.now >= member.notStandingBeforeMillis
  );
}
