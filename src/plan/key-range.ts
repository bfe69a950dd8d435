/** `min` and `max` of a find: an index is read from one whole key to before another. */
import type { CollectionInfo } from '../../storage/index.ts';
import {
  type Collation,
  collatedValue,
  compareValues,
  ElementReader,
  isCollatable,
  isSameCollation,
  KeyStringWriter,
  type RawValue,
} from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { type Hint, hintedIndex } from './hint.ts';
import type { IndexBounds } from './index-bounds.ts';
import { isUsable } from './index-choice.ts';
import { factsOf } from './index-facts.ts';
import { allValues } from './interval.ts';

export interface KeyRange {
  /** Inclusive. */
  readonly min: ReadonlyMap<string, RawValue> | undefined;
  /** Exclusive. */
  readonly max: ReadonlyMap<string, RawValue> | undefined;
}

/** Undefined when neither says anything. Throws when they name different fields. */
export function parseKeyRange(
  min: RawValue | undefined,
  max: RawValue | undefined,
): KeyRange | undefined {
  const range = { min: fieldsOf(min), max: fieldsOf(max) };
  if (range.min === undefined && range.max === undefined) return undefined;
  if (range.min !== undefined && range.max !== undefined) {
    const names = [...range.max.keys()];
    const isSame =
      range.min.size === names.length &&
      [...range.min.keys()].every((name, at) => name === names[at]);
    if (!isSame) throw new MongoServerError(51176, 'min and max must have the same field names');
  }
  return range;
}

function fieldsOf(document: RawValue | undefined): ReadonlyMap<string, RawValue> | undefined {
  if (document === undefined) return undefined;
  const fields = new Map<string, RawValue>();
  const reader = new ElementReader(document.buffer, document.start);
  while (reader.next()) fields.set(reader.name(), reader.value());
  return fields.size === 0 ? undefined : fields;
}

/** The part of the hinted index that is asked for; throws when the hint names none that has such keys. */
export function boundsOfRange(
  collection: CollectionInfo,
  hint: Hint | undefined,
  range: KeyRange,
  namespace: string,
  collation: Collation | undefined,
): IndexBounds {
  if (hint?.kind === 'natural') {
    throw refused('NoQueryExecutionPlans', namespace, 'min and max are incompatible with $natural');
  }
  const index = hint && hintedIndex(collection, hint);
  if (hint === undefined) {
    throw refused(
      51173,
      namespace,
      'When using min()/max() a hint of which index to use must be provided',
    );
  }
  if (index === undefined || !isUsable(index)) {
    throw refused('BadValue', namespace, 'hint provided does not correspond to an existing index');
  }
  const { keyPattern } = index;
  const { collation: own } = factsOf(index);
  const asked = range.min ?? range.max!;
  const names = [...asked.keys()];
  const isCompatible =
    factsOf(index).kind.name === 'ordered' &&
    names.length === keyPattern.length &&
    (isSameCollation(own, collation) || !holdsText(range)) &&
    keyPattern.every(({ path }, at) => path === names[at]);
  if (!isCompatible) {
    throw refused(51174, namespace, 'The index chosen is not compatible with min/max');
  }
  const first = keyPattern.map(({ path, direction }) => {
    const low = direction === 1 ? allValues.low : allValues.high;
    return keyValue(range.min?.get(path), own) ?? low;
  });
  const last = keyPattern.map(({ path, direction }) => {
    const high = direction === 1 ? allValues.high : allValues.low;
    return keyValue(range.max?.get(path), own) ?? high;
  });
  const order = firstDifference(first, last, keyPattern);
  if (order >= 0) {
    throw refused(
      51175,
      namespace,
      'The value provided for min() does not come before the value provided for max() in the hinted index',
    );
  }
  return {
    index,
    fields: keyPattern.map(() => [allValues]),
    keyRange: {
      startKey: first,
      endKey: last,
      lower: keyOf(first, keyPattern),
      upper: keyOf(last, keyPattern),
    },
  };
}

function holdsText({ min, max }: KeyRange): boolean {
  const values = [...(min?.values() ?? []), ...(max?.values() ?? [])];
  return values.some(({ type }) => isCollatable(type));
}

/** As the index holds it. */
function keyValue(value: RawValue | undefined, collation: Collation | undefined) {
  return value === undefined || collation === undefined ? value : collatedValue(value, collation);
}

type KeyPattern = CollectionInfo['indexes'][number]['keyPattern'];

function firstDifference(
  a: readonly RawValue[],
  b: readonly RawValue[],
  pattern: KeyPattern,
): number {
  for (const [at, { direction }] of pattern.entries()) {
    const [left, right] = [a[at]!, b[at]!];
    const order = compareValues(
      left.buffer,
      left.type,
      left.start,
      right.buffer,
      right.type,
      right.start,
    );
    if (order !== 0) return order * direction;
  }
  return 0;
}

function keyOf(values: readonly RawValue[], pattern: KeyPattern): Buffer {
  const writer = new KeyStringWriter();
  writer.reset();
  for (const [at, { direction }] of pattern.entries()) {
    const { buffer, type, start } = values[at]!;
    writer.append(buffer, type, start, direction === -1);
  }
  return Buffer.from(writer.finish());
}

function refused(
  code: ConstructorParameters<typeof MongoServerError>[0],
  namespace: string,
  why: string,
): MongoServerError {
  return new MongoServerError(
    code,
    `error processing query: ns=${namespace} planner returned error :: caused by :: ${why}`,
  );
}
