import { stateName } from './heartbeat.ts';
import type { PredecessorMember } from './member.ts';
import type { Turn } from './turn.ts';

/** The member is in that state from now on; the only place that says so to the outside. */
export function become(turn: Turn, state: PredecessorMember['state'], because: string): void {
  const { member, effects } = turn;
  const was = member.state;
  member.state = state;
  if (was === 'primary' && state !== 'primary')
    effects.push({ kind: 'failWaiters', term: 0, because });
  effects.push({
    kind: 'role',
    state: stateName(state),
    writable: state === 'primary',
    term: member.lastEntry.term,
    primary: member.primary,
    because,
  });
}

/** A primary ends its tenure; it goes on as a secondary, and may stand again at once. */
export function relinquish(turn: Turn, because: string): void {
  const { member } = turn;
  if (member.state !== 'primary') return;
  if (member.primary === member.self) member.primary = undefined;
  member.opensTerm = false;
  become(turn, 'secondary', because);
}
