import type { CommandOutcome } from './effects.ts';
import { type Gtid, initialGtid, isInitialGtid } from './gtid.ts';
import { ownConfig, roleAtStart, selfOf } from './member.ts';
import type { CandidatePhase, PrimaryRole } from './role.ts';
import { announceRole, log, type Turn } from './turn.ts';

/*
 * The transitions: nothing else assigns `member.role`.
 */

export function becomeSecondary(turn: Turn, because: string): void {
  turn.member.role = { kind: 'secondary' };
  announceRole(turn, because);
}

/** Not announced: a candidate is a secondary to everybody else. */
export function becomeCandidate(turn: Turn, phase: CandidatePhase): void {
  turn.member.role = { kind: 'candidate', phase };
}

/** A candidacy ends without any trace; a vote already cast for itself stays cast. */
export function abandonCandidacy(turn: Turn, because: string): void {
  const { member } = turn;
  if (member.role.kind !== 'candidate') return;
  log(turn, 'electionAbandoned', { phase: member.role.phase.name, because });
  member.role = { kind: 'secondary' };
}

export function becomePrimary(turn: Turn, role: PrimaryRole, because: string): void {
  const { member } = turn;
  member.role = role;
  member.primary = { id: selfOf(member), term: role.term, heardAt: member.now };
  announceRole(turn, because);
}

/**
 * Nobody is believed to lead any more. The only other way to lose the belief is to begin another, so the caller, and by it
 * every client, always knows the one in force.
 */
export function losePrimary(turn: Turn, because: string): void {
  const { member } = turn;
  if (member.primary === undefined) return;
  log(turn, 'primaryLost', { primary: member.primary.id, term: member.primary.term, because });
  member.primary = undefined;
  announceRole(turn, because);
}

/** Ends a tenure: no write after this effect, and nobody waits any longer for the writes before it. */
export function endTenure(turn: Turn, because: string): void {
  const { member } = turn;
  if (member.role.kind !== 'primary') return;
  const { term, confirmations } = member.role;
  member.role = { kind: 'secondary' };
  member.primary = undefined;
  member.sync.progressAt = member.now;
  announceRole(turn, because);
  turn.effects.push({ kind: 'failWaiters', term, because });
  for (const { command } of confirmations) refuseAsDeposed(turn, command);
  log(turn, 'steppedDown', { term, because });
}

export function becomeRollback(turn: Turn, source: number): void {
  turn.member.role = { kind: 'rollback', source };
  turn.member.sync.source = undefined;
  announceRole(turn, 'diverged');
}

/** Nothing more is undone; which members there are may have changed meanwhile. */
export function endRollback(turn: Turn, because: string): void {
  const { member } = turn;
  member.role = roleAtStart(member.config, ownConfig(member), false, initialGtid);
  announceRole(turn, because);
}

/** The log leads nowhere: the data is to be replaced. */
export function becomeOutdated(turn: Turn, held: Gtid, because: string): void {
  turn.member.role = { kind: 'initialSync', source: undefined, held, isOutdated: true };
  announceRole(turn, because);
}

export function becomeRecovering(turn: Turn, because: string): void {
  turn.member.role = { kind: 'recovering' };
  announceRole(turn, because);
}

/**
 * After a new configuration: what this member is in it, if that is no longer what it was. A rollback goes on whatever the configuration
 * says, and until it is over the end of the log is not known: see `endRollback`.
 */
export function becomeWhatConfigSays(turn: Turn, because: string): void {
  const { member } = turn;
  const own = ownConfig(member);
  const kind = member.role.kind;
  if (kind === 'rollback') return;
  const fits =
    own === undefined
      ? kind === 'removed'
      : own.arbiterOnly === (kind === 'arbiter') && kind !== 'startup' && kind !== 'removed';
  if (fits) return;
  endTenure(turn, because);
  const { role } = member;
  const held = role.kind === 'initialSync' || role.kind === 'removed' ? role.held : initialGtid;
  member.role = roleAtStart(member.config, own, isInitialGtid(member.lastEntry), held);
  announceRole(turn, because);
}

/** To whoever asked the primary it was for a proof or a promise. */
export function refuseAsDeposed(turn: Turn, command: number): void {
  const message = 'Primary stepped down while waiting for replication';
  reply(turn, command, { ok: false, code: 'PrimarySteppedDown', message });
}

export function reply(turn: Turn, command: number, outcome: CommandOutcome): void {
  turn.effects.push({ kind: 'reply', command, outcome });
}
