import type { SabotagedSet } from './sabotaged-set.ts';

/** What no run may ever show, made to happen in one. */
export interface Plant {
  /** The name of the invariant that must see it. */
  readonly invariant: string;
  readonly what: string;
  /** Works on a healthy set until the invariant throws. */
  happen(set: SabotagedSet): void;
}
