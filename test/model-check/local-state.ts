import type { LogId } from './logs.ts';

/**
 * What the checker keeps of one member between two steps. Equal local states behave equally. Positions are codes (see
 * `positionCode`), 0 where there is none.
 */
export interface LocalState {
  readonly role: LocalRole;
  readonly log: LogId;
  /** What a power loss leaves of it: not always a prefix, after a rollback. */
  readonly disk: LogId;
  /** `lastDurable`. */
  readonly durable: number;
  readonly voted: number;
  readonly known: number;
  /** Term of the newest own vote record, in memory and on disk. */
  readonly vote: number;
  readonly diskVote: number;
  /** Of the ballot or the tenure, else 0. */
  readonly term: number;
  /** The last entry that the ballot names. */
  readonly asked: number;
  /** Where a rollback goes, a copy or the entries of a catch-up come from; else -1. */
  readonly source: number;
  /** 0 unless commit points are part of the state. */
  readonly commitPoint: number;
  /** How often this member has lost its disk. */
  readonly incarnation: number;
  /** The last entry before the copy that is now due. */
  readonly held: number;
  /** The common point that the rollback under way has found; -1 while it has not, and on others. */
  readonly downTo: number;
  /** The entry up to which a flush is on disk that has not been reported; negative: and which began before a rollback. */
  readonly unreported: number;
  /** Code of its configuration (see `ConfigCode`); 0 unless configurations change. */
  readonly config: number;
  /** Of a primary: what the member that has lost its disk must have to count again; 0 before that is known. */
  readonly floor: number;
}

/** Roles and phases that differ in what may follow. `voting` and `ownVote` are the candidate's. */
const localRoles = [
  'secondary',
  'voting',
  'ownVote',
  'catchingUp',
  'awaitingNoop',
  'writable',
  'rollback',
  'initialSync',
  'arbiter',
] as const;
export type LocalRole = (typeof localRoles)[number];

export const firstLocalState: LocalState = {
  role: 'secondary',
  log: 0,
  disk: 0,
  durable: 0,
  voted: 0,
  known: 0,
  vote: 0,
  diskVote: 0,
  term: 0,
  asked: 0,
  source: -1,
  commitPoint: 0,
  incarnation: 0,
  held: 0,
  downTo: -1,
  unreported: 0,
  config: 0,
  floor: 0,
};

export function isBallot({ role }: LocalState): boolean {
  return role === 'voting' || role === 'ownVote';
}

export function isTenure({ role }: LocalState): boolean {
  return role === 'catchingUp' || role === 'awaitingNoop' || role === 'writable';
}

export function isSecondary({ role }: LocalState): boolean {
  return role === 'secondary' || role === 'voting' || role === 'ownVote';
}

/** A vote is on its way to disk. */
export function isPersisting({ role, vote, diskVote }: LocalState): boolean {
  return vote !== diskVote || role === 'ownVote';
}

/** Who can be pulled from: quiet members serve nobody, arbiters have nothing. */
export function isServing({ role }: LocalState): boolean {
  return role !== 'rollback' && role !== 'initialSync' && role !== 'arbiter';
}

/** Local states by number, in the order in which they were met. */
export class LocalStates {
  readonly #states: LocalState[] = [];
  readonly #ids = new Map<string, number>();

  get count(): number {
    return this.#states.length;
  }

  idOf(state: LocalState): number {
    const key = keyOf(state);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.#states.length;
    this.#states.push(state);
    this.#ids.set(key, id);
    return id;
  }

  at(id: number): LocalState {
    return this.#states[id]!;
  }
}

function keyOf(state: LocalState): string {
  return [
    localRoles.indexOf(state.role),
    state.log,
    state.disk,
    state.durable,
    state.voted,
    state.known,
    state.vote,
    state.diskVote,
    state.term,
    state.asked,
    state.source,
    state.commitPoint,
    state.incarnation,
    state.held,
    state.downTo,
    state.unreported,
    state.config,
    state.floor,
  ].join();
}
