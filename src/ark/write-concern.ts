import { compareGtids, type Gtid } from './gtid.ts';
import type { Member } from './member.ts';
import { countedPositions } from './progress.ts';
import { type MemberConfig, memberById } from './replica-set-config.ts';

/**
 * How many, or which, members must hold an entry. Every holder holds it durably, so `j` asks for nothing
 * more. A string is `majority` or a mode of `settings.getLastErrorModes`.
 */
export interface WriteConcern {
  readonly w: number | string;
  readonly j?: boolean;
}

/**
 * Whether the entry at `gtid`, which the caller knows to be in this primary's log, is held as asked. An entry of an older
 * term counts as held by a majority once the commit point has passed it, and never by counting (G1).
 * Key waiters by (term, opid) and fail them on `failWaiters` (G13).
 */
export function isSatisfied(member: Member, concern: WriteConcern, gtid: Gtid): boolean {
  if (concern.w === 0) return true;
  if (concern.w === 'majority') return compareGtids(gtid, member.commitPoint) <= 0;
  const holders = countedPositions(member).filter((fact) => compareGtids(gtid, fact.position) <= 0);
  if (typeof concern.w === 'number') return holders.length >= concern.w;
  const mode = member.config?.settings.getLastErrorModes[concern.w];
  if (mode === undefined) return false;
  const configs = holders.flatMap((fact) => memberById(member.config, fact.member) ?? []);
  return satisfiesMode(configs, mode);
}

/** Whether enough members exist at all; if not, waiting is pointless (MongoDB: UnsatisfiableWriteConcern, UnknownReplWriteConcern). */
export function canEverBeSatisfied(
  member: Member,
  concern: WriteConcern,
): 'yes' | 'tooFewMembers' | 'unknownMode' {
  const holders = (member.config?.members ?? []).filter((one) => !one.arbiterOnly);
  if (concern.w === 'majority') return 'yes';
  if (typeof concern.w === 'number') return concern.w <= holders.length ? 'yes' : 'tooFewMembers';
  const mode = member.config?.settings.getLastErrorModes[concern.w];
  if (mode === undefined) return 'unknownMode';
  return satisfiesMode(holders, mode) ? 'yes' : 'tooFewMembers';
}

/** The highest position of this tenure that so many members hold; undefined if none. Waiters at or below it are done. */
export function acknowledgedPosition(member: Member, w: number): Gtid | undefined {
  const positions = countedPositions(member).map((fact) => fact.position);
  return positions.toSorted((a, b) => compareGtids(b, a))[w - 1];
}

/** Each tag must show that many distinct values among the holders. */
function satisfiesMode(
  holders: readonly MemberConfig[],
  mode: Readonly<Record<string, number>>,
): boolean {
  return Object.entries(mode).every(([tag, count]) => {
    const values = new Set(holders.flatMap((one) => one.tags[tag] ?? []));
    return values.size >= count;
  });
}
