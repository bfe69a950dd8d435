import type { Gtid } from './gtid.ts';
import type { MemberStateName, SpeculativeVoteAnswer } from './messages.ts';

/** What a member is at the moment, with the data only that role has. `become...` functions alone assign it. */
export type Role =
  | StartupRole
  | InitialSyncRole
  | SecondaryRole
  | CandidateRole
  | PrimaryRole
  | RollbackRole
  | RecoveringRole
  | ArbiterRole
  | RemovedRole;

/** No configuration yet. */
export interface StartupRole {
  readonly kind: 'startup';
}

/** STARTUP2: the data is being copied, or a source to copy from is awaited. Quiet. */
export interface InitialSyncRole {
  readonly kind: 'initialSync';
  source: number | undefined;
  /** The last entry held before, under this incarnation: the copy must reach it (rule `resync`). */
  readonly held: Gtid;
  /** The data of before is still there, and no source chosen: RECOVERING. */
  isOutdated: boolean;
}

export interface SecondaryRole {
  readonly kind: 'secondary';
}

/** A secondary that stands for election; it pulls, votes and acknowledges like any other. */
export interface CandidateRole {
  readonly kind: 'candidate';
  phase: CandidatePhase;
}

export type CandidatePhase =
  | SpeculativePhase
  | TiePhase
  | HandoffPhase
  | VotingPhase
  | OwnVotePhase;

export interface SpeculativePhase {
  readonly name: 'speculative';
  readonly attempt: string;
  readonly startedAt: number;
  readonly lastEntry: Gtid;
  /** By voter, of members that may be without a vote too. */
  readonly answers: Record<number, SpeculativeVoteAnswer>;
}

/** Somebody is exactly as good: sleep, then look again. */
export interface TiePhase {
  readonly name: 'tie';
  readonly until: number;
}

/** Asked to stand by a primary that stepped down; the last entries of its tenure may still be missing. */
export interface HandoffPhase {
  readonly name: 'handoff';
  readonly until: number;
  readonly catchUpTo: Gtid;
}

interface Ballot {
  readonly attempt: string;
  /** The primary before asked for it. */
  readonly handoff: boolean;
  readonly electionTermId: number;
  readonly lastEntry: Gtid;
  readonly startedAt: number;
  /** Voters by id, each once. */
  readonly yes: number[];
  readonly no: number[];
}

export interface VotingPhase extends Ballot {
  readonly name: 'voting';
}

/** The others have agreed; the own vote is on its way to disk. */
export interface OwnVotePhase extends Ballot {
  readonly name: 'ownVote';
  readonly token: number;
}

export interface PrimaryRole {
  readonly kind: 'primary';
  /** electionTermId of the tenure. */
  readonly term: number;
  phase: PrimaryPhase;
  /** Since when a higher-priority member is ready to take over. */
  takeoverReadySince: number | undefined;
  /** Reads that wait for the proof that this member leads still, oldest first. */
  confirmations: PendingConfirmation[];
  /** By member id: what a member that lost its promises must hold to count again (G6). */
  admissionFloors: Record<number, Gtid>;
  /** Of a configuration that a majority of the voters has held in this tenure; -1 before. See config-holders.ts. */
  settledVersion: number;
  /** Number of the first heartbeat of the newest round sent for them; 0 before the first. */
  confirmationRound: number;
}

/** See lead-confirmation.ts. */
export interface PendingConfirmation {
  readonly command: number;
  /** The end of the log when it was asked for: what was read is committed once this is. */
  readonly position: Gtid;
  /** Answers to heartbeats with this number, or a higher one, left after the read. */
  readonly sequence: number;
}

export type PrimaryPhase =
  | { readonly name: 'catchingUp'; readonly until: number }
  | { readonly name: 'awaitingNoop' }
  | { readonly name: 'writable' };

/** Undoing entries, to the end, also when a configuration comes that no longer names this member. Quiet. */
export interface RollbackRole {
  readonly kind: 'rollback';
  readonly source: number;
}

/** Maintenance mode. Quiet. */
export interface RecoveringRole {
  readonly kind: 'recovering';
}

export interface ArbiterRole {
  readonly kind: 'arbiter';
}

/** The configuration does not name this member. Quiet. */
export interface RemovedRole {
  readonly kind: 'removed';
  /** Of a member that has yet to copy its data: it may be named again, and its promises stay (rule `resync`). */
  readonly held: Gtid;
}

/** The state name MongoDB's tools know for a role. */
export function stateNameOf(role: Role): MemberStateName {
  switch (role.kind) {
    case 'startup':
      return 'STARTUP';
    case 'initialSync':
      return role.isOutdated ? 'RECOVERING' : 'STARTUP2';
    case 'secondary':
    case 'candidate':
      return 'SECONDARY';
    case 'primary':
      return 'PRIMARY';
    case 'rollback':
      return 'ROLLBACK';
    case 'recovering':
      return 'RECOVERING';
    case 'arbiter':
      return 'ARBITER';
    case 'removed':
      return 'REMOVED';
  }
}

/** Votes, acknowledges, may be a source. The other roles are the quiet states. */
export function isSecondary(role: Role): role is SecondaryRole | CandidateRole {
  return role.kind === 'secondary' || role.kind === 'candidate';
}
