/** What a field of a command does, with the proof: docs/compatibility.md lists them by command. */
import type { Document } from 'mongodb';
import { type Probe, type Step, threeThings } from '../feature-row.ts';

/**
 * - `acts`: the answer or the data differ by it.
 * - `idle`: taken, and can change nothing here; `why` says so.
 * - `refused`: error 238 or MongoDB's own; `why` says what is not there.
 */
export interface OptionRow {
  readonly kind: 'acts' | 'idle' | 'refused';
  readonly why?: string;
  readonly probe: Probe;
}

export interface CommandOptions {
  readonly command: string;
  readonly options: Readonly<Record<string, OptionRow>>;
}

export function acts(...probe: readonly Step[]): OptionRow {
  return { kind: 'acts', probe };
}

export function idle(why: string, ...probe: readonly Step[]): OptionRow {
  return { kind: 'idle', why, probe };
}

export function refused(why: string, ...probe: readonly Step[]): OptionRow {
  return { kind: 'refused', why, probe };
}

/** Of an option that must be taken, and changes nothing. */
export const accepted: Document = { ok: 1 };

/** Three documents, then the step. */
export function withThings(...steps: readonly Step[]): readonly Step[] {
  return [threeThings, ...steps];
}

/** An index on `a`, `a_1`. */
export const indexOnA: Step = [
  { createIndexes: 'things', indexes: [{ key: { a: 1 }, name: 'a_1' }] },
];

export const caseless: Document = { locale: 'en', strength: 2 };

/** A document with `s: 'Tea'`, which `s: 'TEA'` matches under `caseless` only. */
export const tea: Step = [{ insert: 'things', documents: [{ _id: 9, s: 'Tea' }] }];

/** A collection that takes no document with `a` below 0, one of which it has. */
export const validated: readonly Step[] = [
  [{ insert: 'strict', documents: [{ _id: 1, a: 1 }] }],
  [{ collMod: 'strict', validator: { a: { $gte: 0 } } }],
];

/** The collection afterwards. */
export function left(...expected: Document[]): Step {
  return [
    { find: 'things', sort: { _id: 1 }, projection: { _id: 1, a: 1 } },
    ({ cursor: { firstBatch } }) => JSON.stringify(firstBatch) === JSON.stringify(expected),
  ];
}
