import type { Effect } from './effects.ts';
import type { Input } from './inputs.ts';
import type { Member } from './member.ts';

/** Feeds one input to a member, changes it, and says what its caller must now do, in order. */
export function step(member: Member, input: Input): Effect[] {
  member.now = Math.max(member.now, input.now);
  return [];
}
