import { refuseAsDeposed, reply } from './become.ts';
import { compareGtids, type Gtid } from './gtid.ts';
import { sendHeartbeats } from './heartbeat.ts';
import type { ConfirmLeadCommand } from './inputs.ts';
import { incarnationCounts } from './liveness.ts';
import { configOf, type Member, type Peer } from './member.ts';
import type { HeartbeatAnswer } from './messages.ts';
import { memberById, voteMajority, votersOf } from './replica-set-config.ts';
import type { PendingConfirmation, PrimaryRole } from './role.ts';
import type { Turn } from './turn.ts';

/*
 * G11, linearizable reads: what was read is the newest if this member was still the primary after the read, and if
 * it is committed. No entry is written for it, and no clock is trusted (compare "ReadIndex" in Ongaro's thesis on Raft, 6.4).
 *
 * An answer to a heartbeat that left after the read shows its sender at a moment after the read, and carries the
 * highest term it has heard of, which is at least the highest it has voted in. If a majority of the voters answer so and
 * nobody names a higher term (that would end the tenure), none of that majority had voted for a later
 * primary; so there was none yet, and nobody had acknowledged anything this member does not have.
 *
 * One round of heartbeats is under way at a time, and serves all who asked before it left; those who ask meanwhile share the next.
 */

export function onConfirmLead(turn: Turn, input: ConfirmLeadCommand): void {
  const { member } = turn;
  const { role, lastEntry, rules } = member;
  if (role.kind !== 'primary' || role.phase.name !== 'writable' || role.term !== input.term) {
    refuseAsDeposed(turn, input.command);
    return;
  }
  const sequence = rules.leadConfirmedAfterRead ? member.nextHeartbeatSequence : 0;
  role.confirmations.push({ command: input.command, position: lastEntry, sequence });
  beginRound(turn, role);
}

/** Run after every input: answers those whose round is complete. */
export function confirmLead(turn: Turn): void {
  const { role } = turn.member;
  if (role.kind !== 'primary' || role.confirmations.length === 0) return;
  const round = answeredByMajority(turn.member);
  const isConfirmed = ({ sequence, position }: PendingConfirmation) =>
    sequence <= round && isCommitted(turn.member, position);
  const done = role.confirmations.filter(isConfirmed);
  if (done.length > 0) role.confirmations = role.confirmations.filter((one) => !isConfirmed(one));
  for (const { command } of done) reply(turn, command, { ok: true });
  beginRound(turn, role);
}

/** Notes which of our heartbeats this member has certainly answered. A newer configuration in the answer is ours by now. */
export function noteAnswer(member: Member, peer: Peer, answer: HeartbeatAnswer): void {
  const voter = memberById(member.config, answer.from);
  if (voter !== undefined && incarnationCounts(member, voter, answer.incarnation))
    peer.answeredSequence = Math.max(peer.answeredSequence, answer.sequence);
}

/** Lost heartbeats are made good by the regular ones, whose numbers are higher. */
function beginRound(turn: Turn, role: PrimaryRole): void {
  const { member } = turn;
  const newest = role.confirmations.at(-1)?.sequence ?? 0;
  const isUnderWay = role.confirmationRound > answeredByMajority(member);
  if (isUnderWay || newest <= role.confirmationRound) return;
  role.confirmationRound = member.nextHeartbeatSequence;
  sendHeartbeats(turn);
}

/**
 * The highest number such that a majority of the voters have answered a heartbeat of ours with that number or a
 * higher one. The primary itself needs no asking.
 */
function answeredByMajority(member: Member): number {
  const { self, peers, nextHeartbeatSequence } = member;
  const config = configOf(member);
  const answered = votersOf(config)
    .map(({ _id }) => (_id === self ? nextHeartbeatSequence : (peers[_id]?.answeredSequence ?? -1)))
    .toSorted((a, b) => b - a);
  return Math.min(...answered.slice(0, voteMajority(config)));
}

/** The position is of this tenure, so it is committed only together with an entry of this term (G1). */
function isCommitted(member: Member, position: Gtid): boolean {
  return compareGtids(position, member.commitPoint) <= 0;
}
