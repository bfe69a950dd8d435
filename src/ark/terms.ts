import { abandonCandidacy, losePrimary } from './become.ts';
import { type Member, settingsOf } from './member.ts';
import { stepDown } from './step-down.ts';
import type { Turn } from './turn.ts';

/**
 * A term has been heard of. Whoever leads in a lower one must end it, whoever stands for a lower one has lost, and
 * the primary of a lower one is no longer believed in (G16: term and known primary change in one step).
 */
export function learnTerm(turn: Turn, term: number): void {
  const { member } = turn;
  if (term <= member.maxKnownTermId) return;
  member.maxKnownTermId = term;
  const { role } = member;
  if (role.kind === 'primary' && role.term < term) stepDown(turn, 'higherTerm');
  if (
    role.kind === 'candidate' &&
    'electionTermId' in role.phase &&
    role.phase.electionTermId < term
  )
    abandonCandidacy(turn, 'higherTerm');
  if (member.primary !== undefined && member.primary.term < term) {
    losePrimary(turn, 'higherTerm');
    // Somebody was elected, or nearly: give it time to be heard before standing against it.
    waitBeforeStanding(member, settingsOf(member).electionTimeoutMillis / 2);
  }
}

export function waitBeforeStanding(member: Member, millis: number): void {
  member.standNotBefore = Math.max(member.standNotBefore, member.now + millis);
}
