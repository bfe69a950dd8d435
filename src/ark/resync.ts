import { becomeOutdated, endRollback } from './become.ts';
import { formatGtid, initialGtid } from './gtid.ts';
import type { NoCommonPoint } from './inputs.ts';
import { ownConfig } from './member.ts';
import { setSyncSource } from './sync-source.ts';
import { fatal, log, type Turn } from './turn.ts';

/*
 * A log that no other member's continues: older than all they still keep, or parted from theirs before that. Its member gives its data
 * up and copies another's, under the same incarnation, so its promises must stay true without its data (rule `resync`):
 *
 * - it is quiet until the copy is finished, so nobody is elected or answered on the strength of what it no longer holds;
 * - the copy ends at or after the last entry it held. A log that ends there, compared term first, contains everything that was
 *   committed with this member's acknowledgement: that is what makes a candidate with such a log worthy of its vote;
 * - what it held is remembered with the mark of the unfinished copy, so both survive a crash.
 */

export function beginResync(turn: Turn, because: string): void {
  const { member } = turn;
  const held = member.lastEntry;
  log(turn, 'resync', { because, held: formatGtid(held) });
  setSyncSource(turn, undefined, because);
  member.sync.vetoedUntil = {};
  member.sync.tooStaleFor = [];
  becomeOutdated(turn, held, because);
  // From here on there is no log: what is left of it may go at any moment.
  member.lastEntry = initialGtid;
  member.lastDurable = initialGtid;
}

/** The source remembers nothing as old as what it shares with us. Below the commit point the caller has crashed instead. */
export function onNoCommonPoint(turn: Turn, input: NoCommonPoint): void {
  const { member } = turn;
  if (member.role.kind !== 'rollback') {
    fatal(turn, `no common point with member ${input.source} outside of ROLLBACK`);
    return;
  }
  // Who has been removed meanwhile, or made an arbiter, has nobody to copy from, and keeps what it has.
  if (ownConfig(member)?.arbiterOnly !== false) endRollback(turn, 'noCommonPoint');
  else beginResync(turn, 'noCommonPoint');
}
