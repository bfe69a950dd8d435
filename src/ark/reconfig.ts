import {
  abandonCandidacy,
  becomeSecondary,
  becomeWhatConfigSays,
  losePrimary,
  reply,
} from './become.ts';
import { majorityPosition } from './commit-point.ts';
import { isConfigHeld, noteSettledVoters } from './config-holders.ts';
import { compareGtids } from './gtid.ts';
import { sendHeartbeats } from './heartbeat.ts';
import type { InitiateCommand, ReconfigCommand } from './inputs.ts';
import { incarnationCounts, isUp } from './liveness.ts';
import { configOf, type Member, newPeer } from './member.ts';
import {
  changedConfig,
  compareConfigVersions,
  completeConfig,
  completeMember,
  configProblem,
  configVersionOf,
  electionCanMissCommits,
  type MemberConfig,
  memberById,
  type ReplicaSetConfig,
  voteMajority,
  voterChanges,
  votersOf,
  writeMajority,
} from './replica-set-config.ts';
import type { PrimaryRole } from './role.ts';
import { log, persist, type Turn } from './turn.ts';

/*
 * Configurations travel by heartbeat, without log entries; safe because one voter changes at a time, because the
 * present one must be held by a majority before the next, and because what was committed before must be committed under it
 * (Schultz, Dardik, Tripakis: "Design and Analysis of a Logless Dynamic Reconfiguration Protocol").
 */

/** Forced configurations jump ahead of anything a primary may have made meanwhile. */
const forcedVersionStep = 100_000;

export function onInitiate(turn: Turn, input: InitiateCommand): void {
  const { member } = turn;
  if (member.config !== undefined) {
    reply(turn, input.command, {
      ok: false,
      code: 'AlreadyInitialized',
      message: 'already initialized',
    });
    return;
  }
  const config = completeConfig({ ...input.config, version: 1, term: 0 });
  const own =
    memberById(config, input.self) ?? config.members.find((one) => one.host === member.host);
  const problem = configProblem(config) ?? problemForSelf(own);
  if (problem !== undefined) {
    reply(turn, input.command, { ok: false, code: 'InvalidReplicaSetConfig', message: problem });
    return;
  }
  install(turn, config, own?._id, 'initiated');
  // The initiator is where the data starts, so it needs no initial sync, even with an empty log.
  if (member.role.kind === 'initialSync') becomeSecondary(turn, 'initiated');
  reply(turn, input.command, { ok: true });
}

export function onReconfig(turn: Turn, input: ReconfigCommand): void {
  const { member } = turn;
  const old = member.config;
  const refuse = (code: RefusalCode, message: string) =>
    reply(turn, input.command, { ok: false, code, message });
  if (old === undefined) {
    refuse('NotYetInitialized', 'no replset config has been received');
    return;
  }
  const isPrimary = member.role.kind === 'primary' && member.role.phase.name === 'writable';
  if (!isPrimary && !input.force) {
    refuse(
      'NotWritablePrimary',
      'New config cannot be installed on a member that is not a writable primary',
    );
    return;
  }
  const next = nextConfig(old, input);
  const own =
    memberById(next, input.self ?? member.self) ??
    next.members.find((one) => one.host === member.host);
  const problem =
    configProblem(next) ??
    problemOfKinds(old, next) ??
    (input.force ? undefined : problemForSelf(own));
  if (problem !== undefined) {
    refuse('NewReplicaSetConfigurationIncompatible', problem);
    return;
  }
  const refusal = input.force ? undefined : refusalOfNext(member, old, next);
  if (refusal !== undefined) {
    refuse(refusal.code, refusal.message);
    return;
  }
  install(turn, next, own?._id, input.force ? 'forced' : 'reconfig');
  sendHeartbeats(turn);
  reply(turn, input.command, { ok: true });
}

type RefusalCode =
  | 'NotYetInitialized'
  | 'NotWritablePrimary'
  | 'NewReplicaSetConfigurationIncompatible'
  | 'ConfigurationInProgress'
  | 'NodeNotFound';

function refusalOfNext(
  member: Member,
  old: ReplicaSetConfig,
  next: ReplicaSetConfig,
): { code: RefusalCode; message: string } | undefined {
  const incompatible = 'NewReplicaSetConfigurationIncompatible';
  if (next._id !== old._id)
    return {
      code: incompatible,
      message: `New and old configurations differ in replica set name; old was ${old._id}, and new is ${next._id}`,
    };
  if (next.version <= old.version)
    return {
      code: incompatible,
      message: `New replica set configuration version must be greater than old, but ${next.version} is not greater than ${old.version} for replica set ${old._id}`,
    };
  if (member.rules.oneVoterAtATime && voterChanges(old, next) > 1)
    return {
      code: incompatible,
      message: 'Non force replica set reconfig can only add or remove at most 1 voting member.',
    };
  if (
    member.rules.oneVoterAtATime &&
    (electionCanMissCommits(old, next) || electionCanMissCommits(next, old))
  )
    return {
      code: incompatible,
      message:
        'With this many arbiters a majority-committed write need not be known to the majority that elects under the other configuration. Remove an arbiter first, and add it again afterwards.',
    };
  const waiting = member.rules.configCommittedFirst ? whyConfigIsNotCommitted(member) : undefined;
  if (waiting !== undefined) return { code: 'ConfigurationInProgress', message: waiting };
  const missing = missingQuorum(member, old, next);
  if (missing !== undefined) return { code: 'NodeNotFound', message: missing };
  return undefined;
}

/**
 * Whether enough voters of the next configuration are there to hold it and to commit under it; without them nothing could change it again.
 * Who has lost its data directory is not there until its new one counts. Who is only now added cannot have answered yet: left out.
 */
function missingQuorum(
  member: Member,
  old: ReplicaSetConfig,
  next: ReplicaSetConfig,
): string | undefined {
  const isThere = (one: MemberConfig) => {
    if (one._id === member.self || memberById(old, one._id)?.host !== one.host) return true;
    const incarnation = member.peers[one._id]?.incarnation;
    if (incarnation === undefined || !isUp(member, one._id)) return false;
    return incarnationCounts(member, one, incarnation);
  };
  const voters = votersOf(next);
  const there = voters.filter(isThere);
  const required = voteMajority(next);
  if (there.length >= required) return undefined;
  const names = (some: readonly MemberConfig[]) => some.map(({ host }) => host).join(', ');
  const missing = names(voters.filter((one) => !there.includes(one)));
  return `Quorum check failed because not enough voting nodes responded; required ${required} but only the following ${there.length} voting nodes responded: ${names(there)}; the following nodes did not respond affirmatively: ${missing}`;
}

/** What a member is made of does not change under its id: it holds data or does not. Also not by force. */
function problemOfKinds(old: ReplicaSetConfig, next: ReplicaSetConfig): string | undefined {
  for (const one of next.members) {
    const before = old.members.find(({ host }) => host === one.host);
    if (before !== undefined && before.arbiterOnly !== one.arbiterOnly)
      return `New and old configurations differ in the setting of the arbiterOnly field for member ${one.host}; to make this change, remove then re-add the member`;
  }
  return undefined;
}

function nextConfig(old: ReplicaSetConfig, input: ReconfigCommand): ReplicaSetConfig {
  const asked = completeConfig(input.config);
  const version = input.force
    ? Math.max(asked.version, old.version) + forcedVersionStep
    : asked.version;
  // Which incarnations count is the primary's to record, not the user's to change.
  const members = asked.members.map((one): MemberConfig => {
    const before = memberById(old, one._id);
    return completeMember(one, before?.host === one.host ? before.incarnation : undefined);
  });
  const term = input.force ? -1 : old.term;
  return changedConfig(asked, { version, term, admission: old.admission, members });
}

function problemForSelf(own: MemberConfig | undefined): string | undefined {
  if (own === undefined) return 'No host described in new configuration maps to this node';
  if (own.priority === 0) return 'This node is not electable under the new configuration';
  return undefined;
}

/** Undefined when the next configuration may follow: enough voters hold this one, and what is committed is committed under it. */
export function whyConfigIsNotCommitted(member: Member): string | undefined {
  const { role } = member;
  if (role.kind !== 'primary') return 'Not primary';
  if (!isConfigHeld(member))
    return 'The current configuration is not yet held by a majority of its voting members';
  if (member.commitPoint.term !== role.term)
    return 'No entry of the current term has been committed yet';
  const position = majorityPosition(member, role.term);
  if (position === undefined || compareGtids(position, member.commitPoint) < 0)
    return 'What is committed is not yet committed under the current configuration';
  return undefined;
}

/** By heartbeat. `toldId` is the id the sender knows us by, for hosts that are known under several names. */
export function adoptConfig(turn: Turn, config: ReplicaSetConfig, toldId: number): void {
  const { member } = turn;
  if (compareConfigVersions(configVersionOf(config), configVersionOf(member.config)) <= 0) return;
  const own = config.members.find((one) => one.host === member.host) ?? memberById(config, toldId);
  install(turn, config, own?._id, 'heard');
}

/** A new primary signs the configuration with its term, so that it outranks what a deposed one may still install. */
export function installOwnTerm(turn: Turn, term: number): void {
  const { member } = turn;
  install(turn, changedConfig(configOf(member), { term }), member.self, 'elected');
}

function install(
  turn: Turn,
  config: ReplicaSetConfig,
  self: number | undefined,
  because: string,
): void {
  const { member } = turn;
  abandonCandidacy(turn, 'configChanged');
  member.config = config;
  member.self = self;
  const peers: Member['peers'] = {};
  const progress: Member['progress'] = {};
  for (const { _id } of config.members) {
    if (_id !== self) peers[_id] = member.peers[_id] ?? newPeer();
    const fact = member.progress[_id];
    if (fact !== undefined) progress[_id] = fact;
  }
  member.peers = peers;
  member.progress = progress;
  if (member.primary !== undefined && memberById(config, member.primary.id) === undefined)
    losePrimary(turn, because);
  const version = configVersionOf(config);
  const token = persist(turn, { config });
  member.persistingConfigs.push({ token, version });
  turn.effects.push({ kind: 'config', config, self });
  log(turn, 'config', {
    version: config.version,
    term: config.term,
    admission: config.admission,
    because,
  });
  becomeWhatConfigSays(turn, because);
}

/** Now it may be claimed to be held: said at once, since the next configuration waits for that. */
export function onConfigPersisted(turn: Turn): void {
  const { member } = turn;
  const before = member.durableConfig;
  advanceDurableConfig(member);
  if (compareConfigVersions(before, member.durableConfig) !== 0) sendHeartbeats(turn);
}

function advanceDurableConfig(member: Member): void {
  while (member.persistingConfigs[0] !== undefined) {
    const { token, version } = member.persistingConfigs[0];
    if (token > member.persistedToken) return;
    member.durableConfig = version;
    member.persistingConfigs.shift();
  }
}

/**
 * G6: records whose promises count. A member seen for the first time is recorded. One that comes back with another
 * data directory has forgotten its promises: first nobody counts under its id (the empty incarnation), and when that is held and
 * committed, and the newcomer has copied past the commit point, it does.
 *
 * The first of these steps waits for no commit: without it there may never be one, where all the holders that are left are fewer
 * than the config before asks for (primary, secondary and arbiter, when the primary's disk is lost). It makes no new voter. Each
 * majority that elects under the next config is one of this config too, so it meets whatever was committed under this one, and
 * all before. The other way round: what is committed under the next config is held by a majority of the voters, the lost one not among
 * them, or by all data members that are left, of whom every candidate is one; also one that still gets a vote which the lost
 * directory gave. A directory that was not lost but only away could still stand: therefore fewer than a majority
 * commit only under a config that has taken the place of those before it (`advanceCommitPoint`).
 */
export function admitIncarnations(turn: Turn): void {
  const { member } = turn;
  const { role, rules } = member;
  noteSettledVoters(member);
  if (role.kind !== 'primary' || role.phase.name !== 'writable' || !rules.incarnationsChecked)
    return;
  const config = configOf(member);
  noteAdmissionFloors(member, config, role);
  const wanted = (one: MemberConfig) => wantedIncarnation(member, one, role.admissionFloors);
  const changed = config.members.filter((one) => wanted(one) !== one.incarnation);
  if (changed.length === 0 || !isConfigHeld(member)) return;
  const next = nextRecorded(member, changed, wanted);
  if (next.length === 0) return;
  const members = config.members.map((one) =>
    next.includes(one) ? completeMember(one, wanted(one)) : one,
  );
  for (const one of next) {
    log(turn, 'incarnation', { member: one._id, incarnation: wanted(one) });
    delete role.admissionFloors[one._id];
  }
  install(
    turn,
    changedConfig(config, { admission: config.admission + 1, members }),
    member.self,
    'incarnation',
  );
}

/** Of changes one at a time, the losses first. First recordings change no quorum. */
function nextRecorded(
  member: Member,
  changed: readonly MemberConfig[],
  wanted: (one: MemberConfig) => string | undefined,
): readonly MemberConfig[] {
  const lost = changed.find((one) => wanted(one) === '');
  if (lost !== undefined) return [lost];
  if (whyConfigIsNotCommitted(member) !== undefined) return [];
  const firstSeen = changed.filter((one) => one.incarnation === undefined);
  return firstSeen.length > 0 ? firstSeen : changed.slice(0, 1);
}

/**
 * What was committed with the help of forgotten promises is at or below the commit point of the moment when a majority holds that
 * nobody counts under the id. What is committed later is held by a majority of the voters, whom every later election meets; where fewer
 * hold it (see `writeMajority`), the newcomer must have all that is committed when it is admitted.
 */
function noteAdmissionFloors(member: Member, config: ReplicaSetConfig, role: PrimaryRole): void {
  const { admissionFloors: floors } = role;
  const awaited = config.members.filter(
    (one) => one.incarnation === '' && floors[one._id] === undefined,
  );
  if (awaited.length === 0 || writeMajority(config) < voteMajority(config)) return;
  if (whyConfigIsNotCommitted(member) !== undefined) return;
  for (const { _id } of awaited) floors[_id] = member.commitPoint;
}

function wantedIncarnation(
  member: Member,
  one: MemberConfig,
  floors: PrimaryRole['admissionFloors'],
): string | undefined {
  if (one._id === member.self) return member.incarnation;
  const peer = member.peers[one._id];
  if (peer?.status === undefined || peer.incarnation === undefined) return one.incarnation;
  const { state, acknowledged } = peer.status;
  if (state === 'ARBITER') return one.incarnation ?? peer.incarnation;
  if (one.incarnation === peer.incarnation) return one.incarnation;
  if (one.incarnation !== undefined && one.incarnation !== '') return '';
  const floor = floors[one._id] ?? member.commitPoint;
  const hasCopied =
    state === 'SECONDARY' &&
    acknowledged?.incarnation === peer.incarnation &&
    compareGtids(acknowledged.position, floor) >= 0;
  return hasCopied ? peer.incarnation : one.incarnation;
}
