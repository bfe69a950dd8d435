import { type Member, membersOf, settingsOf } from './member.ts';
import { heartbeatIntervalTo } from './policies.ts';

export { canAcknowledge } from './progress.ts';
export { whyConfigIsNotCommitted } from './reconfig.ts';

/*
 * What a caller may want to know. Reading a member's fields is fine too; these say what they mean.
 */

export function isWritable(member: Member): boolean {
  return member.role.kind === 'primary' && member.role.phase.name === 'writable';
}

/**
 * When the next `tick` has something to do, on the clock of `now`. Ask again after every input, since
 * inputs move it. Never further away than a heartbeat interval.
 */
export function nextDeadline(member: Member): number {
  const { now, peers } = member;
  let earliest = roleDeadline(member, now + settingsOf(member).heartbeatIntervalMillis);
  for (const { _id } of membersOf(member)) {
    const peer = peers[_id];
    if (peer === undefined) continue;
    const due = peer.askedAt === undefined ? now : peer.askedAt + heartbeatIntervalTo(member, _id);
    if (due < earliest) earliest = due;
  }
  // A heartbeat that is overdue is due now, not later: inputs in between must not put it off.
  return Math.max(now, earliest);
}

/** The first time still to come that the role waits for, `atMost` if there is none before. */
function roleDeadline(member: Member, atMost: number): number {
  const { role, primary, now } = member;
  const { electionTimeoutMillis } = settingsOf(member);
  if (role.kind === 'secondary') {
    const { standNotBefore, frozenUntil } = member;
    const silence = primary === undefined ? now : primary.heardAt + electionTimeoutMillis;
    const earliest = earlierTime(now, standNotBefore, earlierTime(now, frozenUntil, atMost));
    return earlierTime(now, silence, earliest);
  }
  if (role.kind === 'primary')
    return role.phase.name === 'catchingUp' ? earlierTime(now, role.phase.until, atMost) : atMost;
  if (role.kind !== 'candidate') return atMost;
  const { phase } = role;
  const until = 'until' in phase ? phase.until : phase.startedAt + electionTimeoutMillis / 2;
  return earlierTime(now, until, atMost);
}

function earlierTime(now: number, time: number, other: number): number {
  return time > now && time < other ? time : other;
}
