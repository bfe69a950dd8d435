/**
 * Indexes in which a field, or one of several, is the hash of its value: for equality, not for order.
 * Arrays have no place in them.
 */
import type { IndexKeyPart } from '../../../storage/index.ts';
import {
  BsonType,
  collatedValue,
  ElementReader,
  hashedKey,
  KeyStringWriter,
  type RawValue,
} from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { type FilterNode, type IndexKey, ScalarFinder } from '../../query/index.ts';
import { type Intervals, point, union } from '../interval.ts';
import { type PredicateBounds, predicateBounds } from '../predicate-bounds.ts';
import { candidateOf, type FieldRules } from './candidate.ts';
import type { IndexKind, KeyedIndex } from './index-kind.ts';

const hashed = 'hashed';

export const hashedIndex: IndexKind = {
  name: hashed,
  hasTimeToLive: true,
  paths: (keyPattern) => keyPattern.map(({ path }) => path),
  check({ keyPattern, isUnique, shownKey }) {
    if (isUnique) {
      throw new MongoServerError(
        16764,
        'Currently hashed indexes cannot guarantee uniqueness. Use a regular index.',
      );
    }
    const count = keyPattern.filter(isHashed).length;
    if (count > 1) {
      throw new MongoServerError(
        31303,
        `A maximum of one index field is allowed to be hashed but found ${count} for 'key' ${shownKey}`,
      );
    }
  },
  keyGenerator,
  candidates: (index, predicates, sort) => [candidateOf(index, predicates, sort, rules)],
};

function isHashed({ kind }: IndexKeyPart): boolean {
  return kind === hashed;
}

const rules: FieldRules = {
  boundsOf: (node, field, isMultikey) =>
    isHashed(field) ? hashBounds(node) : predicateBounds(node, isMultikey),
  hasOrder: (field) => !isHashed(field),
};

/** One for all indexes: a key is finished before the next one is begun. */
const writer = new KeyStringWriter();

function keyGenerator({
  keyPattern,
  isSparse,
  collation,
}: KeyedIndex): ReturnType<IndexKind['keyGenerator']> {
  const finder = new ScalarFinder(
    keyPattern.map(({ path }) => path),
    arrayFound,
  );
  const multikey = keyPattern.map(() => false);
  return (buffer, start) => {
    const values = finder.find(buffer, start);
    if (isSparse && values.every((value) => value === undefined)) return { keys: [], multikey };
    writer.reset();
    keyPattern.forEach((part, at) => {
      const found = values[at] ?? nullValue;
      const value = collation === undefined ? found : collatedValue(found, collation);
      const { buffer: bytes, type, start: from } = isHashed(part) ? hashOf(value) : value;
      writer.append(bytes, type, from, part.direction === -1);
    });
    const typeBits = writer.typeBits();
    const key: IndexKey = { keyString: writer.finish(), typeBits };
    return { keys: [key], multikey };
  };
}

const nullValue: RawValue = { buffer: Buffer.alloc(0), type: BsonType.null, start: 0, end: 0 };
const undefinedValue: RawValue = { ...nullValue, type: BsonType.undefined };

function arrayFound(path: string): MongoServerError {
  return new MongoServerError(
    16766,
    `hashed indexes do not currently support array values. Found array at path: ${path}`,
  );
}

function hashOf(value: RawValue): RawValue {
  const buffer = Buffer.allocUnsafe(8);
  buffer.writeBigInt64LE(hashedKey(value), 0);
  return { buffer, type: BsonType.long, start: 0, end: 8 };
}

/** Only for equality, and never exact: another value may have the same hash. */
function hashBounds(node: FilterNode): PredicateBounds | undefined {
  if (node.kind === 'comparison' && node.operator === '$eq')
    return equalityTo(node.path, [node.value]);
  if (node.kind === 'in' && node.regexes.length === 0) return equalityTo(node.path, node.values);
  return undefined;
}

function equalityTo(path: string, values: readonly RawValue[]): PredicateBounds | undefined {
  if (!values.every(hasOneHash)) return undefined;
  const lists = values.map((value): Intervals => {
    const equal = value.type === BsonType.null ? [value, undefinedValue] : [value];
    return union(equal.map((one) => [point(hashOf(one))]));
  });
  return { path, intervals: union(lists), isExact: false };
}

/**
 * Whether all values equal to this one have its hash. Numbers past 64 bits have another one in each of
 * their types, and an array may stand for its elements.
 */
function hasOneHash({ buffer, type, start }: RawValue): boolean {
  switch (type) {
    case BsonType.double:
      return !(Math.abs(buffer.readDoubleLE(start)) >= 2 ** 63);
    case BsonType.decimal:
    case BsonType.array:
    case BsonType.javascriptWithScope:
      return false;
    case BsonType.object: {
      const reader = new ElementReader(buffer, start);
      while (reader.next()) if (!hasOneHash(reader.value())) return false;
      return true;
    }
    default:
      return true;
  }
}
