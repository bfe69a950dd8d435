import { compareGtids, type Gtid, initialGtid } from '../../../src/ark/index.ts';
import {
  configOf,
  isUp,
  mayStand,
  type PredecessorMember,
  peersOf,
  seesMajority,
} from './member.ts';
import { electableLagSeconds } from './rules.ts';

/*
 * Each member remembers who could become primary: the member says so itself, and its log is within ten seconds of our own and of the
 * freshest other one [M]. TokuMX compares times that it has cut to 32 bits there, so that in effect everybody is fresh enough [M].
 */

export function isFreshEnough(member: PredecessorMember, position: Gtid): boolean {
  if (member.rules.positions === 'gtid') return true;
  const freshest = freshestOther(member).term;
  const limit = Math.max(member.lastEntry.term, freshest) - electableLagSeconds;
  return position.term >= limit;
}

/** The newest position that heartbeats have shown of members that are up. */
export function freshestOther(member: PredecessorMember): Gtid {
  let freshest = initialGtid;
  for (const peer of peersOf(member))
    if (isUp(peer) && compareGtids(peer.known.lastEntry, freshest) > 0)
      freshest = peer.known.lastEntry;
  return freshest;
}

export function rememberElectable(
  member: PredecessorMember,
  id: number,
  isElectable: boolean,
): void {
  const others = member.electable.filter((one) => one !== id);
  member.electable = isElectable ? [...others, id] : others;
}

/** Looks at itself as at the others. */
export function reviewOwnElectability(member: PredecessorMember): void {
  const isReady = seesMajority(member) && mayStand(member);
  rememberElectable(member, member.self, isReady && isFreshEnough(member, member.lastEntry));
}

/** The electable member with the highest priority, the first in the order of ids among equals. */
export function mostElectable(member: PredecessorMember): number | undefined {
  let most: number | undefined;
  for (const id of member.electable.toSorted((a, b) => a - b))
    if (most === undefined || configOf(member, id).priority > configOf(member, most).priority)
      most = id;
  return most;
}

/** A member of higher priority than this one could become primary. */
export function isOutranked(member: PredecessorMember, id: number): boolean {
  const most = mostElectable(member);
  return most !== undefined && configOf(member, most).priority > configOf(member, id).priority;
}
