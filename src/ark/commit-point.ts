import { isConfigHeld } from './config-holders.ts';
import { compareGtids, earlierGtid, type Gtid } from './gtid.ts';
import { configOf, type Member } from './member.ts';
import { countedPositions } from './progress.ts';
import { memberById, voteMajority, writeMajority } from './replica-set-config.ts';
import { isSecondary } from './role.ts';
import type { Turn } from './turn.ts';

/*
 * Everything up to the commit point is in the log of every later primary. A primary moves it by counting; everybody
 * else learns it, and takes only what is known to lie in its own history (G7).
 */

/** Run after every input of a primary. */
export function advanceCommitPoint(turn: Turn): void {
  const { member } = turn;
  const { role } = member;
  if (role.kind !== 'primary' || !mayAdvance(member)) return;
  const position = majorityPosition(member, role.term);
  if (position !== undefined) setCommitPoint(turn, position);
}

/**
 * Enough members hold more than is committed: without that, which is so at nearly every input, there is nothing to count. Where fewer than a
 * majority of the voters are enough, those who elect under an older configuration may be others: none may be in use any more.
 */
function mayAdvance(member: Member): boolean {
  const { progress, commitPoint } = member;
  const config = configOf(member);
  let ahead = 0;
  for (const { _id } of config.members) {
    const fact = progress[_id];
    if (fact !== undefined && compareGtids(fact.position, commitPoint) > 0) ahead += 1;
  }
  const needed = writeMajority(config);
  if (ahead < needed) return false;
  return needed >= voteMajority(config) || isConfigHeld(member);
}

/** The highest own-term position that a majority holds durably, the primary itself counted like any other. */
export function majorityPosition(member: Member, term: number): Gtid | undefined {
  const { rules } = member;
  const config = configOf(member);
  const counted = countedPositions(member, term);
  const needed = writeMajority(config);
  if (counted.length < needed) return undefined;
  const positions = counted
    .filter((fact) => !rules.votersOnlyCommit || memberById(config, fact.member)?.votes === 1)
    .map((fact) => fact.position)
    .sort((a, b) => compareGtids(b, a));
  return positions[needed - 1];
}

/**
 * By heartbeat: only if its term is that of the own last entry, else the own log may be another branch. From the sync source, whose
 * log the own one continues: as far as the own log goes.
 */
export function learnCommitPoint(
  turn: Turn,
  learned: Gtid | undefined,
  from: 'heartbeat' | 'source',
): void {
  const { role, lastEntry, rules } = turn.member;
  if (learned === undefined || !isSecondary(role)) return;
  const isHeard = from === 'heartbeat' && rules.commitPointWithinOwnLog;
  if (isHeard && learned.term !== lastEntry.term) return;
  setCommitPoint(turn, earlierGtid(learned, lastEntry));
}

function setCommitPoint(turn: Turn, gtid: Gtid): void {
  const { member } = turn;
  if (compareGtids(gtid, member.commitPoint) <= 0) return;
  member.commitPoint = gtid;
  turn.effects.push({ kind: 'commitPoint', gtid });
}
