import { compareGtids } from './gtid.ts';
import { sendHeartbeats } from './heartbeat.ts';
import { isUp } from './liveness.ts';
import type { Member } from './member.ts';
import type { PrimaryRole } from './role.ts';
import { setSyncSource } from './sync-source.ts';
import { announceRole, log, type Turn } from './turn.ts';

/*
 * A new primary first pulls what members ahead of it have (they refused it their vote, or had none to give). A
 * courtesy to weaker write concerns, bounded by catchUpTimeoutMillis; what was committed is in its log already.
 */

export function beginCatchUp(turn: Turn, role: PrimaryRole): void {
  const { member } = turn;
  const source = memberAhead(member);
  if (source === undefined) {
    finishCatchUp(turn, role, 'nobodyIsAhead');
    return;
  }
  log(turn, 'catchUp', { source });
  setSyncSource(turn, source, 'catchUp');
}

/** After a tick or new entries. */
export function continueCatchUp(turn: Turn): void {
  const { role, now } = turn.member;
  if (role.kind !== 'primary' || role.phase.name !== 'catchingUp') return;
  if (now >= role.phase.until) finishCatchUp(turn, role, 'timeIsUp');
  else if (memberAhead(turn.member) === undefined) finishCatchUp(turn, role, 'caughtUp');
}

/** The first entry of the tenure, (term, 0), opens it: nothing is acknowledged before. */
export function finishCatchUp(turn: Turn, role: PrimaryRole, because: string): void {
  role.phase = { name: 'awaitingNoop' };
  setSyncSource(turn, undefined, because);
  turn.effects.push({ kind: 'writeNoop', term: role.term });
}

/** The no-op is in the log: clients may write. */
export function openTenure(turn: Turn, role: PrimaryRole): void {
  role.phase = { name: 'writable' };
  announceRole(turn, 'tenureOpened');
  // There is something to pull now: who followed the old primary would else learn it, and acknowledge
  // again, only with the next heartbeat.
  sendHeartbeats(turn);
}

function memberAhead(member: Member): number | undefined {
  let best: number | undefined;
  let bestEntry = member.lastEntry;
  for (const [key, peer] of Object.entries(member.peers)) {
    if (peer.status?.state !== 'SECONDARY' || !isUp(member, Number(key))) continue;
    if (compareGtids(peer.status.lastEntry, bestEntry) <= 0) continue;
    best = Number(key);
    bestEntry = peer.status.lastEntry;
  }
  return best;
}
