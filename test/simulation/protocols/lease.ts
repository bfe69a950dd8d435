import { type PredecessorMember, wallSecond } from './member.ts';
import { leaseSeconds } from './rules.ts';

/*
 * One yes in thirty seconds, in memory only ([P] 2.5, Problem 3.3). The clock is the wall clock, in whole seconds [M].
 */

/** Gives the own vote, if it has not been given to somebody else in the last thirty seconds. */
export function takeLease(member: PredecessorMember, who: number): boolean {
  const { lease } = member;
  const now = wallSecond(member);
  if (lease !== undefined && lease.atSecond + leaseSeconds >= now && lease.who !== who)
    return false;
  member.lease = { who, atSecond: now };
  return true;
}

/** A candidate that lost does not keep the vote it gave itself. */
export function cancelLease(member: PredecessorMember): void {
  if (member.lease?.who === member.self) member.lease = undefined;
}
