import { compareGtids, type Fetched, type RolledBack } from '../../../src/ark/index.ts';
import { configOf, isUp, type Peer, type PredecessorMember, peersOf } from './member.ts';
import { report } from './progress.ts';
import { become } from './relinquish.ts';
import {
  rollbackSpanSeconds,
  sourceRetryMillis,
  sourceTimeoutMillis,
  sourceVetoMillis,
  syncSourceLagSeconds,
} from './rules.ts';
import type { Turn } from './turn.ts';

/*
 * Whom to pull from, and what comes of it ([P] 2.1; [M] bgsync, rs_initialsync, rs_rollback). Pulling knows nothing of elections.
 */

/** After every step: leaves a source that will not do, takes another one. */
export function reviewSource(turn: Turn): void {
  const { member } = turn;
  const { sync } = member;
  if (member.state !== 'secondary') {
    if (sync.source !== undefined) pull(turn, undefined, `it is ${member.state}`);
    return;
  }
  if (sync.forced !== undefined) {
    const { forced } = sync;
    sync.forced = undefined;
    pull(turn, forced, 'by request');
  }
  // A request that is on its way to a source that cannot be reached goes on waiting.
  if (sync.source !== undefined) {
    const { health, answeredAt } = member.peers[sync.source]!.known;
    if (health !== 'down' || member.now >= answeredAt + sourceTimeoutMillis) leaveIfOutdated(turn);
  }
  if (sync.source !== undefined || member.now < sync.chooseNotBefore) return;
  const source = chooseSource(member);
  if (source === undefined) sync.chooseNotBefore = member.now + sourceRetryMillis;
  else pull(turn, source.id, 'the nearest that is ahead');
}

function leaveIfOutdated(turn: Turn): void {
  const { member } = turn;
  const { source } = member.sync;
  if (source !== undefined && isOutdated(member, member.peers[source]!))
    pull(turn, undefined, 'the source will not do');
}

function pull({ member, effects }: Turn, id: number | undefined, because: string): void {
  member.sync.source = id;
  member.sync.isVerified = false;
  const source = id === undefined ? undefined : { member: id, host: member.peers[id]!.host };
  effects.push({ kind: 'syncFrom', source, because });
}

function isReadable({ known }: Peer): boolean {
  return known.state === 'PRIMARY' || known.state === 'SECONDARY';
}

/** Heartbeats show it gone, or another one thirty seconds ahead of it. TokuMX too, by times that its positions do not have here. */
function isOutdated(member: PredecessorMember, source: Peer): boolean {
  if (!isReadable(source)) return true;
  if (member.rules.positions === 'gtid') return false;
  const lagLimit = source.known.lastEntry.term + syncSourceLagSeconds;
  return peersOf(member).some(
    (peer) => isUp(peer) && isReadable(peer) && peer.known.lastEntry.term > lagLimit,
  );
}

/**
 * The nearest readable member; a secondary only if it is ahead, the primary in any case. Among equally near ones the primary, in favour of these
 * protocols: the servers took the last in the list, and two secondaries could keep a rolled-back entry alive between them.
 */
function chooseSource(member: PredecessorMember): Peer | undefined {
  const { sync, config, primary, self, now } = member;
  if (sync.pings < config.members.length * 2) return undefined;
  if (!config.settings.chainingAllowed)
    return primary === undefined || primary === self ? undefined : member.peers[primary];
  let nearest: Peer | undefined;
  for (const peer of peersOf(member)) {
    if (!isUp(peer) || !isReadable(peer) || now < (sync.vetoedUntil[peer.id] ?? 0)) continue;
    const isAhead = compareGtids(peer.known.lastEntry, member.lastEntry) > 0;
    if (peer.known.state === 'SECONDARY' && (!isAhead || configOf(member, peer.id).hidden))
      continue;
    const isEqual = nearest?.pingMillis === peer.pingMillis;
    const isNearer = nearest === undefined || peer.pingMillis < nearest.pingMillis;
    if (isNearer || (isEqual && nearest?.known.state !== 'PRIMARY')) nearest = peer;
  }
  return nearest;
}

export function fetched(turn: Turn, input: Fetched): void {
  const { member } = turn;
  const { sync, rules } = member;
  if (input.source !== sync.source) return;
  switch (input.outcome) {
    case 'ok':
      // What came is stored; then the source is looked at, and the next request tells it that everything before is here.
      leaveIfOutdated(turn);
      if (sync.source !== undefined && !sync.isVerified) {
        sync.isVerified = true;
        report(turn);
      }
      return;
    case 'diverged':
      rollBack(turn, input);
      return;
    case 'nothing':
      sync.chooseNotBefore = member.now + rules.restAfterRollbackMillis;
      break;
    case 'unreachable':
    case 'tooOld':
      sync.vetoedUntil[input.source] = member.now + sourceVetoMillis;
      break;
    case 'sourceRolledBack':
      break;
  }
  pull(turn, undefined, input.outcome);
}

/** Undo down to the newest entry that the source has too, whoever the source is. */
function rollBack(turn: Turn, { source, sourceLastEntry }: Fetched): void {
  const { member, effects } = turn;
  const { sync, rules, lastEntry } = member;
  if (member.now < sync.lastRollbackAt + rules.rollbackPauseMillis) {
    sync.chooseNotBefore = sync.lastRollbackAt + rules.rollbackPauseMillis;
    pull(turn, undefined, 'it has rolled back lately');
    return;
  }
  const seconds = lastEntry.term - (sourceLastEntry?.term ?? 0);
  if (rules.positions === 'wallClock' && seconds > rollbackSpanSeconds) {
    become(turn, 'recovering', `FATAL: a rollback of ${seconds} seconds`);
    return;
  }
  sync.lastRollbackAt = member.now;
  const { host } = member.peers[source]!;
  become(turn, 'rollback', `n${source} does not have its last entry`);
  sync.source = undefined;
  effects.push({ kind: 'rollback', source: { member: source, host } });
}

export function rolledBack(turn: Turn, { to, rollbackId, finished }: RolledBack): void {
  const { member } = turn;
  member.lastEntry = to;
  if (compareGtids(member.lastDurable, to) > 0) member.lastDurable = to;
  member.rollbackId = rollbackId;
  if (!finished) return;
  member.sync.chooseNotBefore = member.now + member.rules.restAfterRollbackMillis;
  become(turn, 'secondary', 'rolled back');
}
