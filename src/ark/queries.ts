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
  let earliest = now + settingsOf(member).heartbeatIntervalMillis;
  for (const time of roleDeadlines(member)) if (time > now && time < earliest) earliest = time;
  for (const { _id } of membersOf(member)) {
    const peer = peers[_id];
    if (peer === undefined) continue;
    const due = peer.askedAt === undefined ? now : peer.askedAt + heartbeatIntervalTo(member, _id);
    if (due < earliest) earliest = due;
  }
  // A heartbeat that is overdue is due now, not later: inputs in between must not put it off.
  return Math.max(now, earliest);
}

function roleDeadlines(member: Member): number[] {
  const { role, primary } = member;
  const { electionTimeoutMillis } = settingsOf(member);
  if (role.kind === 'primary' && role.phase.name === 'catchingUp') return [role.phase.until];
  if (role.kind === 'secondary') {
    const { standNotBefore, frozenUntil } = member;
    if (primary === undefined) return [standNotBefore, frozenUntil];
    return [standNotBefore, frozenUntil, primary.heardAt + electionTimeoutMillis];
  }
  if (role.kind !== 'candidate') return [];
  const { phase } = role;
  if ('until' in phase) return [phase.until];
  return [phase.startedAt + electionTimeoutMillis / 2];
}
