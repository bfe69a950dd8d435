import type { LogId } from './logs.ts';

/** What the checker keeps of one member between two steps. Equal local states behave equally. */
export interface LocalState {
  readonly role: LocalRole;
  readonly log: LogId;
  /** What a power loss leaves of it: not always a prefix, after a rollback. */
  readonly disk: LogId;
  /** Position code of `lastDurable`. */
  readonly durable: number;
  readonly voted: number;
  readonly known: number;
  /** Term of the newest own vote record, in memory and on disk. */
  readonly vote: number;
  readonly diskVote: number;
  /** Of the ballot or the tenure, else 0. */
  readonly term: number;
  /** Position code of the last entry that the ballot names, else 0. */
  readonly asked: number;
  /** Where a rollback goes, else -1. */
  readonly source: number;
  /** Position code. 0 while commit points are not part of the state. */
  readonly commitPoint: number;
}

/** Roles and phases that differ in what may follow. `voting` and `ownVote` are the candidate's. */
const localRoles = [
  'secondary',
  'voting',
  'ownVote',
  'awaitingNoop',
  'writable',
  'rollback',
] as const;
export type LocalRole = (typeof localRoles)[number];

export function isBallot({ role }: LocalState): boolean {
  return role === 'voting' || role === 'ownVote';
}

export function isTenure({ role }: LocalState): boolean {
  return role === 'awaitingNoop' || role === 'writable';
}

/** Who can be pulled from: quiet members serve nobody. */
export function isServing({ role }: LocalState): boolean {
  return role !== 'rollback';
}

/** Local states by number, in the order in which they were met. */
export class LocalStates {
  readonly #states: LocalState[] = [];
  readonly #ids = new Map<string, number>();

  get count(): number {
    return this.#states.length;
  }

  idOf(state: LocalState): number {
    const key = [
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
    ].join();
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.#states.length;
    this.#states.push(state);
    this.#ids.set(key, id);
    return id;
  }

  at(id: number): LocalState {
    const state = this.#states[id];
    if (state === undefined) throw new Error(`no local state ${id}`);
    return state;
  }
}
