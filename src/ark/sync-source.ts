import { compareGtids, type Gtid, initialGtid, isInitialGtid } from './gtid.ts';
import { isUp } from './liveness.ts';
import { type Member, membersOf, ownConfig, settingsOf } from './member.ts';
import { reportAll } from './progress.ts';
import { type MemberConfig, memberById } from './replica-set-config.ts';
import { isSecondary } from './role.ts';
import { addressOf, announceRole, log, type Turn } from './turn.ts';

/*
 * Whom to pull from. A secondary is chosen only if strictly ahead and not itself, directly or not, pulling from us (G15); the
 * primary already when it is not behind, since it pulls from nobody and is where new entries appear.
 */

/** Round trips this close to each other count as equal. */
const pingToleranceMillis = 5;
const noProgressVetoMillis = 10_000;

/** Run after every input. */
export function manageSyncSource(turn: Turn): void {
  const { member } = turn;
  if (member.role.kind === 'initialSync') {
    chooseInitialSyncSource(turn);
    return;
  }
  if (member.role.kind === 'rollback' || member.role.kind === 'primary') return;
  if (!isSecondary(member.role)) {
    if (member.sync.source !== undefined) setSyncSource(turn, undefined, 'notSecondary');
    return;
  }
  vetoIdleSource(turn);
  const because = whyToLeaveSource(member);
  if (because === undefined) return;
  const next = chooseSyncSource(member);
  member.sync.forced = undefined;
  if (next !== member.sync.source) setSyncSource(turn, next, because);
}

export function setSyncSource(turn: Turn, source: number | undefined, because: string): void {
  const { member } = turn;
  if (member.sync.source === source) return;
  member.sync.source = source;
  member.sync.progressAt = member.now;
  const address = source === undefined ? undefined : addressOf(member, source);
  turn.effects.push({ kind: 'syncFrom', source: address, because });
  reportAll(turn);
}

export function vetoSource(member: Member, id: number, millis: number): void {
  member.sync.vetoedUntil[id] = member.now + millis;
}

function whyToLeaveSource(member: Member): string | undefined {
  const { source, forced } = member.sync;
  if (source === undefined) return 'noSource';
  if (forced !== undefined && forced !== source) return 'commanded';
  const config = memberById(member.config, source);
  if (config === undefined) return 'sourceRemoved';
  if (!canServe(member, config)) return 'sourceCannotServe';
  if ((member.sync.vetoedUntil[source] ?? 0) > member.now) return 'sourceIsVetoed';
  if (pullsFromUs(member, source)) return 'cycle';
  if (!settingsOf(member).chainingAllowed && isNotPrimary(member, source))
    return 'chainingForbidden';
  if (config.secondaryDelaySecs > ownDelaySecs(member) && knowsPromptSource(member))
    return 'sourceIsDelayed';
  // A new primary is where entries now appear; the old source may never have them.
  const primaryStatus = member.peers[member.primary?.id ?? -1]?.status;
  const sourceTerm = lastEntryOf(member, source).term;
  if (
    primaryStatus !== undefined &&
    source !== member.primary?.id &&
    primaryStatus.lastEntry.term > sourceTerm
  )
    return 'sourceMissesTerm';
  return undefined;
}

/** A source that brings nothing while somebody else is ahead of us. */
function vetoIdleSource(turn: Turn): void {
  const { member } = turn;
  const { source, progressAt } = member.sync;
  if (source === undefined) return;
  // Who is late on purpose is brought nothing for long by a source that has something.
  if (ownDelaySecs(member) > 0 && isAhead(member, source)) return;
  if (member.now - progressAt < 2 * settingsOf(member).electionTimeoutMillis) return;
  const someoneAhead = membersOf(member).some(
    (one) => one._id !== source && isCandidate(member, one) && isAhead(member, one._id),
  );
  member.sync.progressAt = member.now;
  if (!someoneAhead || (!isAhead(member, source) && source === member.primary?.id)) return;
  vetoSource(member, source, noProgressVetoMillis);
  log(turn, 'sourceIsIdle', { source });
}

/** Two passes: hidden and delayed members only if nobody else will do. Then the primary among the near, then the nearest. */
function chooseSyncSource(member: Member): number | undefined {
  const { forced } = member.sync;
  const forcedConfig = memberById(member.config, forced);
  if (
    forcedConfig !== undefined &&
    canServe(member, forcedConfig) &&
    !pullsFromUs(member, forcedConfig._id)
  )
    return forcedConfig._id;
  const candidates = membersOf(member).filter(
    (one) => isFarEnough(member, one._id) && isCandidate(member, one),
  );
  if (candidates.length === 0) return undefined;
  const ownDelay = ownDelaySecs(member);
  const visible = candidates.filter((one) => !one.hidden && one.secondaryDelaySecs <= ownDelay);
  const pool = visible.length > 0 ? visible : candidates;
  const ping = (id: number) => member.peers[id]?.pingMillis ?? Number.MAX_SAFE_INTEGER;
  const nearest = Math.min(...pool.map((one) => ping(one._id)));
  const near = pool.filter((one) => ping(one._id) <= nearest + pingToleranceMillis);
  const primary = near.find((one) => one._id === member.primary?.id);
  return (primary ?? near[0])?._id;
}

/** A delayed source makes progress all the time, so only this ends following one for want of a better. */
function knowsPromptSource(member: Member): boolean {
  const next = memberById(member.config, chooseSyncSource(member));
  return next !== undefined && next.secondaryDelaySecs <= ownDelaySecs(member);
}

function ownDelaySecs(member: Member): number {
  return ownConfig(member)?.secondaryDelaySecs ?? 0;
}

/** Behind the primary nobody is chosen, and from the primary one pulls also what is yet to come. */
function isFarEnough(member: Member, id: number): boolean {
  return compareToOwn(member, id) >= (id === member.primary?.id ? 0 : 1);
}

function isAhead(member: Member, id: number): boolean {
  return compareToOwn(member, id) > 0;
}

/** Of the end of its log, as it was told last: negative, zero or positive. Who has told nothing has nothing. */
function compareToOwn(member: Member, id: number): number {
  return compareGtids(lastEntryOf(member, id), member.lastEntry);
}

function lastEntryOf(member: Member, id: number): Gtid {
  return member.peers[id]?.status?.lastEntry ?? initialGtid;
}

function isCandidate(member: Member, config: MemberConfig): boolean {
  if ((member.sync.vetoedUntil[config._id] ?? 0) > member.now) return false;
  return mayPullFrom(member, config);
}

function mayPullFrom(member: Member, config: MemberConfig): boolean {
  const { _id } = config;
  if (!canServe(member, config) || pullsFromUs(member, _id)) return false;
  return settingsOf(member).chainingAllowed || !isNotPrimary(member, _id);
}

function canServe(member: Member, config: MemberConfig): boolean {
  if (config._id === member.self || config.arbiterOnly || !isUp(member, config._id)) return false;
  const state = member.peers[config._id]?.status?.state;
  return state === 'PRIMARY' || state === 'SECONDARY';
}

function isNotPrimary(member: Member, id: number): boolean {
  return member.primary !== undefined && member.primary.id !== id;
}

/** Follows the chain of sources as the members tell it; what one said that has fallen silent may long be otherwise. */
function pullsFromUs(member: Member, id: number): boolean {
  let at: number | undefined = id;
  // No chain is longer than the set; one that goes on is a circle of others.
  for (let length = membersOf(member).length; at !== undefined && length > 0; length--) {
    if (at === member.self) return true;
    at = isUp(member, at) ? member.peers[at]?.status?.syncSource : undefined;
  }
  return false;
}

/** Somebody we may pull from is ahead and has not yet said that it no longer keeps what follows our last entry. */
export function mayYetFollow(member: Member): boolean {
  return membersOf(member).some(
    (one) =>
      mayPullFrom(member, one) &&
      isAhead(member, one._id) &&
      !member.sync.tooStaleFor.includes(one._id),
  );
}

/**
 * The primary if there is one, else who has most. A member that held data before needs no primary: it copies from
 * anybody who is as far as it was, which makes that primary possible where there are no others to elect one (rule `resync`).
 */
function chooseInitialSyncSource(turn: Turn): void {
  const { member } = turn;
  const { role } = member;
  if (role.kind !== 'initialSync' || role.source !== undefined) return;
  const hasHeld = !isInitialGtid(role.held);
  const hasData = (one: MemberConfig) => {
    const lastEntry = lastEntryOf(member, one._id);
    const reachesHeld = compareGtids(lastEntry, role.held) >= 0;
    return lastEntry.term > 0 && (reachesHeld || !member.rules.resyncReachesHeld);
  };
  const candidates = membersOf(member).filter((one) => isCandidate(member, one) && hasData(one));
  const { primary } = member;
  const withoutPrimary = () => (hasHeld ? candidates[0] : freshestOfAll(member, candidates));
  const source =
    candidates.find((one) => one._id === primary?.id) ??
    (primary === undefined ? withoutPrimary() : candidates[0]);
  if (source === undefined) return;
  role.source = source._id;
  if (role.isOutdated) {
    role.isOutdated = false;
    announceRole(turn, 'resync');
  }
  log(turn, 'initialSync', { source: source._id });
  const { held } = role;
  turn.effects.push({ kind: 'startInitialSync', source: addressOf(member, source._id), held });
}

/**
 * Without a primary a member may copy only from the freshest of all others, and only while all of them are there: then
 * the copy has everything committed. Without this a set whose first primary is lost before anybody has copied from it
 * never gets another, since who has no data does not vote.
 */
function freshestOfAll(
  member: Member,
  candidates: readonly MemberConfig[],
): MemberConfig | undefined {
  let freshest: MemberConfig | undefined;
  let newest = initialGtid;
  for (const one of membersOf(member)) {
    if (one._id === member.self || one.arbiterOnly) continue;
    const status = member.peers[one._id]?.status;
    if (status === undefined || !isUp(member, one._id)) return undefined;
    if (compareGtids(status.lastEntry, newest) <= 0) continue;
    freshest = one;
    newest = status.lastEntry;
  }
  return freshest !== undefined && candidates.includes(freshest) ? freshest : undefined;
}
