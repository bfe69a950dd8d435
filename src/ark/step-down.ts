import { endTenure, reply } from './become.ts';
import { compareGtids } from './gtid.ts';
import { sendHeartbeats } from './heartbeat.ts';
import type { StepDownCommand } from './inputs.ts';
import { higherPriorityReady, incarnationCounts, isUp, keepsMajority } from './liveness.ts';
import { type Member, membersOf, ownConfig, settingsOf } from './member.ts';
import type { PrimaryRole } from './role.ts';
import { waitBeforeStanding } from './terms.ts';
import { addressOf, log, send, type Turn } from './turn.ts';

/*
 * A primary ends its tenure when it hears of a higher term, when a majority no longer answers, when the engine failed it,
 * when it is told to, or when a member of higher priority is ready. Never because it merely saw another primary:
 * terms decide (TokuMX's two_primary defect).
 */

export function stepDown(turn: Turn, because: string, successor?: number): void {
  const { member } = turn;
  endTenure(turn, because);
  waitBeforeStanding(member, settingsOf(member).tieSleepMaxMillis);
  // Before the news reaches it that nobody leads, so that it begins no dry run.
  if (successor !== undefined) {
    log(turn, 'handoff', { to: successor });
    send(turn, addressOf(member, successor), { kind: 'standNow', catchUpTo: member.lastEntry });
  }
  sendHeartbeats(turn);
}

/** Every tick of a primary. */
export function checkTenure(turn: Turn): void {
  const { member } = turn;
  if (member.role.kind !== 'primary') return;
  if (!keepsMajority(member)) stepDown(turn, 'noMajority');
  else handOverToHigherPriority(turn, member.role);
}

export function onStepDownCommand(turn: Turn, input: StepDownCommand): void {
  const { member } = turn;
  if (member.role.kind !== 'primary') {
    const message = "not primary so can't step down";
    reply(turn, input.command, { ok: false, code: 'NotWritablePrimary', message });
    return;
  }
  const target = stepDownTarget(member);
  if (target === undefined && !input.force) {
    const message =
      'No electable secondaries caught up as of now. Please use the replSetStepDown command with the argument {force: true} to force node to step down.';
    reply(turn, input.command, { ok: false, code: 'ExceededTimeLimit', message });
    return;
  }
  member.frozenUntil = Math.max(member.frozenUntil, member.now + input.freezeMillis);
  stepDown(turn, 'stepDownCommand', target);
  reply(turn, input.command, { ok: true });
}

/**
 * The secondary that would follow at once: electable, up, and acknowledging our last entry. Best priority first.
 * Undefined while there is none; hold back writes and ask again.
 */
function stepDownTarget(member: Member): number | undefined {
  let best: number | undefined;
  let bestPriority = 0;
  for (const one of membersOf(member)) {
    const { _id, priority } = one;
    const status = member.peers[_id]?.status;
    const fact = member.progress[_id];
    if (status === undefined || !status.electable || !isUp(member, _id)) continue;
    if (fact === undefined || !incarnationCounts(member, one, fact.incarnation)) continue;
    if (compareGtids(fact.position, member.lastEntry) < 0) continue;
    if (priority <= bestPriority) continue;
    best = _id;
    bestPriority = priority;
  }
  return best;
}

/**
 * Priority takeover: the higher-priority member does not fight for it, the primary hands over once that member has kept
 * up with the commit point for a while.
 */
function handOverToHigherPriority(turn: Turn, role: PrimaryRole): void {
  const { member } = turn;
  const own = ownConfig(member);
  if (role.phase.name !== 'writable' || own === undefined) return;
  const target = higherPriorityReady(member, own, member.commitPoint);
  if (target === undefined) {
    role.takeoverReadySince = undefined;
    return;
  }
  role.takeoverReadySince ??= member.now;
  const { priorityTakeoverDelayMillis, electionTimeoutMillis } = settingsOf(member);
  if (member.now - role.takeoverReadySince < priorityTakeoverDelayMillis) return;
  member.frozenUntil = Math.max(member.frozenUntil, member.now + electionTimeoutMillis);
  stepDown(turn, 'higherPriorityIsReady', target);
}
