import { becomeRollback, becomeSecondary, endRollback } from './become.ts';
import { continueCatchUp, finishCatchUp, openTenure } from './catch-up.ts';
import { learnCommitPoint } from './commit-point.ts';
import { compareGtids, earlierGtid, formatGtid, initialGtid, laterGtid } from './gtid.ts';
import { sendHeartbeats } from './heartbeat.ts';
import type { Appended, Durable, Fetched, InitialSyncFinished, RolledBack } from './inputs.ts';
import { type Member, settingsOf } from './member.ts';
import { acknowledge } from './progress.ts';
import { beginResync } from './resync.ts';
import { isSecondary } from './role.ts';
import { mayYetFollow, setSyncSource, vetoSource } from './sync-source.ts';
import { learnTerm } from './terms.ts';
import { addressOf, fatal, log, type Turn } from './turn.ts';

/*
 * What happens to the own log: it grows, becomes durable, is found to be another branch, shrinks.
 */

const unreachableVetoMillis = 1_000;
const nothingVetoMillis = 1_000;
const failedCloneVetoMillis = 10_000;
/** It is asked again, not because it may remember, but to see whether there is still somebody else to wait for. */
const tooOldVetoMillis = 10_000;

export function onAppended(turn: Turn, input: Appended): void {
  const { member } = turn;
  if (compareGtids(input.gtid, member.lastEntry) <= 0) {
    fatal(turn, `entry ${formatGtid(input.gtid)} does not follow ${formatGtid(member.lastEntry)}`);
    return;
  }
  member.lastEntry = input.gtid;
  member.sync.progressAt = member.now;
  askTooOldAgain(member);
  learnTerm(turn, input.gtid.term);
  learnCommitPoint(turn, input.sourceCommitPoint, 'source');
  const { role } = member;
  if (role.kind === 'primary' && input.gtid.term === role.term && input.gtid.opid === 0)
    openTenure(turn, role);
  continueCatchUp(turn);
}

/** They no longer kept what followed our last entry of then. */
function askTooOldAgain({ sync }: Member): void {
  for (const source of sync.tooStaleFor) delete sync.vetoedUntil[source];
  if (sync.tooStaleFor.length > 0) sync.tooStaleFor = [];
}

export function onDurable(turn: Turn, input: Durable): void {
  const { member } = turn;
  // A flush that began before a rollback vouches for entries that may since have been undone and replaced.
  if (member.rules.staleFlushIgnored && input.rollbackId !== member.rollbackId) return;
  const durable = earlierGtid(input.gtid, member.lastEntry);
  member.lastDurable = laterGtid(member.lastDurable, durable);
}

export function onFetched(turn: Turn, input: Fetched): void {
  const { member } = turn;
  // Only a secondary and a primary that catches up have a source.
  if (input.source !== member.sync.source) return;
  if (member.role.kind === 'primary') {
    if (input.outcome !== 'ok') finishCatchUp(turn, member.role, `source:${input.outcome}`);
    return;
  }
  if (input.sourceLastEntry !== undefined) learnTerm(turn, input.sourceLastEntry.term);
  switch (input.outcome) {
    case 'ok':
      learnCommitPoint(turn, input.sourceCommitPoint, 'source');
      break;
    case 'nothing':
      leaveSource(turn, input.source, nothingVetoMillis, 'sourceIsBehind');
      break;
    case 'diverged':
      considerRollback(turn, input);
      break;
    case 'tooOld':
      log(turn, 'tooStale', { source: input.source, lastEntry: formatGtid(member.lastEntry) });
      leaveSource(turn, input.source, tooOldVetoMillis, 'sourceForgotOurPosition');
      member.sync.tooStaleFor.push(input.source);
      if (!mayYetFollow(member)) beginResync(turn, 'tooStale');
      break;
    case 'unreachable':
      leaveSource(turn, input.source, unreachableVetoMillis, 'sourceUnreachable');
      break;
    case 'sourceRolledBack':
      leaveSource(turn, input.source, 0, 'sourceRolledBack');
      break;
  }
}

function leaveSource(turn: Turn, source: number, vetoMillis: number, because: string): void {
  vetoSource(turn.member, source, vetoMillis);
  setSyncSource(turn, undefined, because);
}

/** Only towards a source that is ahead: entries are removed because better ones will follow, never else. */
function considerRollback(turn: Turn, input: Fetched): void {
  const { member } = turn;
  const { sourceLastEntry, source } = input;
  const isAhead =
    sourceLastEntry !== undefined && compareGtids(sourceLastEntry, member.lastEntry) > 0;
  if (member.rules.rollbackOnlyForward && !isAhead) {
    leaveSource(turn, source, nothingVetoMillis, 'sourceIsBehind');
    return;
  }
  becomeRollback(turn, source);
  turn.effects.push({ kind: 'rollback', source: addressOf(member, source) });
}

export function onRolledBack(turn: Turn, input: RolledBack): void {
  const { member } = turn;
  if (member.role.kind !== 'rollback') {
    fatal(turn, `rolled back to ${formatGtid(input.to)} outside of ROLLBACK`);
    return;
  }
  if (compareGtids(input.to, member.commitPoint) < 0) {
    fatal(
      turn,
      `rollback to ${formatGtid(input.to)} passes the commit point ${formatGtid(member.commitPoint)}`,
    );
    return;
  }
  member.lastEntry = earlierGtid(member.lastEntry, input.to);
  member.lastDurable = earlierGtid(member.lastDurable, input.to);
  member.rollbackId = input.rollbackId;
  if (!input.finished) return;
  log(turn, 'rolledBack', { to: formatGtid(input.to), rollbackId: input.rollbackId });
  const { source } = member.role;
  endRollback(turn, 'rolledBack');
  if (isSecondary(member.role)) setSyncSource(turn, source, 'rolledBack');
}

export function onInitialSyncFinished(turn: Turn, input: InitialSyncFinished): void {
  const { member } = turn;
  if (member.role.kind !== 'initialSync') return;
  if (input.outcome === 'failed') {
    vetoSource(
      member,
      input.source,
      Math.min(failedCloneVetoMillis, settingsOf(member).electionTimeoutMillis),
    );
    member.role.source = undefined;
    return;
  }
  const { held } = member.role;
  const atLeast = member.rules.resyncReachesHeld
    ? laterGtid(held, member.commitPoint)
    : initialGtid;
  if (compareGtids(input.lastEntry, atLeast) < 0) {
    fatal(turn, `the copy ends at ${formatGtid(input.lastEntry)}, before what was held`);
    return;
  }
  member.lastEntry = input.lastEntry;
  member.lastDurable = input.lastEntry;
  learnTerm(turn, input.lastEntry.term);
  log(turn, 'initialSyncFinished', { lastEntry: formatGtid(input.lastEntry) });
  becomeSecondary(turn, 'initialSyncFinished');
  // Said at once, with what is now acknowledged: the primary waits for it to count this member.
  acknowledge(turn);
  sendHeartbeats(turn);
}
