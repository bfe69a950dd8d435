/**
 * What the kinds of geographical indexes share: a place is turned into numbers, and the numbers stand in
 * the keys in place of it. The other fields of the key are as in any index.
 */
import type { IndexInfo, IndexKeyPart } from '../../../storage/index.ts';
import {
  BsonType,
  DocumentWriter,
  ElementReader,
  type RawValue,
  valueEnd,
} from '../../bson/index.ts';
import type { NumberRange } from '../../geo/index.ts';
import {
  type FilterNode,
  KeyExtractor,
  missingType,
  parsePath,
  visitPath,
} from '../../query/index.ts';
import { type Intervals, interval } from '../interval.ts';
import { predicateBounds } from '../predicate-bounds.ts';
import { candidateOf } from './candidate.ts';
import type { IndexCandidate, IndexKind, KeyedIndex, SortPaths } from './index-kind.ts';

/** The numbers of the places among the values of a field; none when there are none. */
export type PlaceNumbers = (values: readonly RawValue[], document: RawValue) => readonly number[];

/**
 * Keys of a copy of the document that has the numbers beside its fields. A document without a place has
 * no keys, so these indexes are always sparse.
 */
export function geoKeyGenerator(
  { keyPattern, collation }: KeyedIndex,
  kind: string,
  numbersOf: PlaceNumbers,
): ReturnType<IndexKind['keyGenerator']> {
  const places = keyPattern.flatMap((part, at) =>
    part.kind === kind ? [{ path: parsePath(part.path), standsIn: standIn(at) }] : [],
  );
  const pattern = keyPattern.map((part, at) =>
    part.kind === kind ? { path: standIn(at), direction: 1 as const } : part,
  );
  const extractor = new KeyExtractor(pattern, { collation });
  const writer = new DocumentWriter();
  return (buffer, start) => {
    const document = {
      buffer,
      type: BsonType.object,
      start,
      end: valueEnd(buffer, BsonType.object, start),
    };
    // Places first: one that cannot be understood is refused before anything is written.
    const placed: { standsIn: string; numbers: readonly number[] }[] = [];
    for (const { path, standsIn } of places) {
      const values: RawValue[] = [];
      visitPath(buffer, start, path, false, (bytes, type, at) => {
        if (type !== missingType && type !== BsonType.null && type !== BsonType.undefined) {
          values.push({ buffer: bytes, type, start: at, end: valueEnd(bytes, type, at) });
        }
        return false;
      });
      const numbers = numbersOf(values, document);
      if (numbers.length > 0) placed.push({ standsIn, numbers });
    }
    if (placed.length === 0) return { keys: [], multikey: keyPattern.map(() => false) };
    writer.startDocument();
    const reader = new ElementReader(buffer, start);
    while (reader.next()) writer.raw(reader.name(), reader.value());
    for (const { standsIn, numbers } of placed) {
      if (numbers.length === 1) writer.int64(standsIn, numbers[0]!);
      else {
        writer.startArray(standsIn);
        for (const [at, number] of numbers.entries()) writer.int64(String(at), number);
        writer.endObject();
      }
    }
    writer.end();
    const copy = writer.finishInPlace();
    try {
      return extractor.keys(copy, 0);
    } finally {
      writer.giveBack(copy);
    }
  };
}

/** A field name no client can have: names hold no NUL, but this never leaves the copy. */
function standIn(at: number): string {
  return `\u0001${at}`;
}

/** Ranges of numbers as intervals of the values they are stored as. */
function numberIntervals(ranges: readonly NumberRange[]): Intervals {
  return ranges.map(({ low, high }) => interval(long(low), true, long(high), true));
}

function long(number: number): RawValue {
  const buffer = Buffer.allocUnsafe(8);
  buffer.writeBigInt64LE(BigInt(number));
  return { buffer, type: BsonType.long, start: 0, end: 8 };
}

/** Only a query for a place can be answered: documents without one are not in the index. */
export function geoCandidates(
  index: IndexInfo,
  predicates: readonly FilterNode[],
  sort: SortPaths,
  rangesOf: (node: FilterNode) => readonly NumberRange[] | undefined,
): readonly IndexCandidate[] {
  const isPlace = (part: IndexKeyPart): boolean => part.kind !== undefined;
  const asked = predicates.filter(
    (node) =>
      'path' in node &&
      index.keyPattern.some((part) => isPlace(part) && part.path === node.path) &&
      rangesOf(node) !== undefined,
  );
  if (asked.length === 0) return [];
  const candidate = candidateOf(index, predicates, sort, {
    boundsOf(node, part, isMultikey) {
      if (!isPlace(part)) return predicateBounds(node, isMultikey);
      const ranges = 'path' in node && node.path === part.path ? rangesOf(node) : undefined;
      if (ranges === undefined) return undefined;
      return { path: part.path, intervals: numberIntervals(ranges), isExact: false };
    },
    hasOrder: (part) => !isPlace(part),
  });
  return [{ ...candidate, isExact: false }];
}
