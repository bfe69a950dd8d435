import type { Collation, RawValue } from '../../bson/index.ts';

/** What an update may know of its surroundings; the room itself reads no clock. */
export interface UpdateContext {
  /** The array position the filter matched, for `$`; -1 when there is none. */
  readonly position: number;
  /** The document is made by an upsert: `$setOnInsert` acts. */
  readonly isInsert: boolean;
  /** Milliseconds since 1970, for `$currentDate`. */
  readonly now: number;
  /** For `$currentDate` with `{$type: 'timestamp'}`. */
  readonly clusterTime: { readonly t: number; readonly i: number };
  /** `_id: 1` of the document, for messages; `no id` of one that has none yet. */
  readonly idText: string;
  /** Values `$rename` takes elsewhere, by source path. */
  readonly renamed: ReadonlyMap<string, RawValue | undefined>;
}

/** The value stays, is removed, or becomes this one. */
export type Change = typeof unchanged | typeof removed | RawValue;

export const unchanged = 'unchanged';
export const removed = 'removed';

/** One operator at one path, its argument parsed and checked. */
export interface Modifier {
  /** Acts on missing fields too, and may create the documents on the way to them. */
  readonly creates: boolean;
  /** A value in the way that has no such field is an error, though nothing would be created. */
  readonly mustReach?: boolean;
  /** The new value of a field; `current` is undefined when it is missing. */
  apply(current: RawValue | undefined, context: UpdateContext, path: string): Change;
}

/** An update operator: parses the argument it gets for one path. */
export interface UpdateOperator {
  readonly name: `$${string}`;
  parse(path: string, argument: RawValue, collation?: Collation): Modifier;
}

export function sameBytes(a: RawValue, b: RawValue): boolean {
  const length = a.end - a.start;
  return (
    a.type === b.type &&
    b.end - b.start === length &&
    a.buffer.compare(b.buffer, b.start, b.end, a.start, a.end) === 0
  );
}

/** The value, or `unchanged` when the field has exactly these bytes already. */
export function changeTo(current: RawValue | undefined, value: RawValue): Change {
  return current !== undefined && sameBytes(current, value) ? unchanged : value;
}
