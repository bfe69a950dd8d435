/**
 * What `$eq`, `$gt`, `$gte`, `$lt` and `$lte` share: the server's ComparisonMatchExpression.
 *
 * A value is compared with values of its own type bracket only. Beyond that: null equals a missing
 * field (not undefined, since 8.0), MinKey and MaxKey bound everything, NaN equals NaN only.
 */
import {
  BsonType,
  type Collation,
  canonicalType,
  compareValues,
  isCollatable,
  type RawValue,
  readDouble,
  readInt32,
} from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import {
  type ComparisonNode,
  type ComparisonOperator,
  missingType,
  type ValueTest,
} from '../filter-node.ts';
import { isNumberType } from '../raw-number.ts';
import type { FieldOperator } from './operator.ts';

export function comparison(
  path: string,
  operator: ComparisonOperator,
  value: RawValue,
  collation?: Collation,
): ComparisonNode {
  if (value.type === BsonType.undefined) {
    throw new MongoServerError('BadValue', 'cannot compare to undefined');
  }
  const node = { kind: 'comparison', path, operator, value } as const;
  return collation !== undefined && isCollatable(value.type) ? { ...node, collation } : node;
}

/** An operator that compares the value at its path with its argument. */
export function comparisonOperator(name: ComparisonOperator): FieldOperator {
  return {
    name,
    parse(path, value, { collation }) {
      if (value.type === BsonType.regex && name !== '$eq') {
        throw new MongoServerError(
          'BadValue',
          `Can't have RegEx as arg to predicate over field '${path}'.`,
        );
      }
      return comparison(path, name, value, collation);
    },
  };
}

const acceptsEqual: ReadonlySet<ComparisonOperator> = new Set<ComparisonOperator>([
  '$eq',
  '$gte',
  '$lte',
]);

export function comparisonTest({ operator, value, collation }: ComparisonNode): ValueTest {
  if (collation !== undefined) return ordered(operator, value, collation);
  const withEqual = acceptsEqual.has(operator);
  switch (value.type) {
    case BsonType.null:
      if (!withEqual) return () => false;
      return (_buffer, type) => type === BsonType.null || type === missingType;
    case BsonType.minKey:
      if (operator === '$gte') return () => true;
      if (operator === '$gt') return (_buffer, type) => type !== BsonType.minKey;
      return withEqual ? (_buffer, type) => type === BsonType.minKey : () => false;
    case BsonType.maxKey:
      if (operator === '$lte') return () => true;
      if (operator === '$lt') return (_buffer, type) => type !== BsonType.maxKey;
      return withEqual ? (_buffer, type) => type === BsonType.maxKey : () => false;
    case BsonType.string:
      return operator === '$eq' ? stringEquals(value) : ordered(operator, value);
    default:
      if (isNumberType(value.type)) return numeric(operator, value, withEqual);
      return ordered(operator, value);
  }
}

function isNaNValue(buffer: Buffer, type: number, start: number): boolean {
  if (type === BsonType.double) return Number.isNaN(readDouble(buffer, start));
  // Decimal128: the five bits after the sign are all ones.
  if (type === BsonType.decimal) return (buffer[start + 15]! & 0x7c) === 0x7c;
  return false;
}

function accepts(operator: ComparisonOperator, order: number): boolean {
  switch (operator) {
    case '$eq':
      return order === 0;
    case '$gt':
      return order > 0;
    case '$gte':
      return order >= 0;
    case '$lt':
      return order < 0;
    case '$lte':
      return order <= 0;
  }
}

function ordered(operator: ComparisonOperator, value: RawValue, collation?: Collation): ValueTest {
  const bracket = canonicalType(value.type);
  return (buffer, type, start) =>
    type !== missingType &&
    canonicalType(type) === bracket &&
    accepts(
      operator,
      compareValues(buffer, type, start, value.buffer, value.type, value.start, collation),
    );
}

function stringEquals(value: RawValue): ValueTest {
  const from = value.buffer;
  const first = value.start;
  const length = value.end - value.start;
  return (buffer, type, start) => {
    // The length is part of what is compared: four bytes before the text.
    if (type === BsonType.string) {
      for (let i = 0; i < length; i++) if (buffer[start + i] !== from[first + i]) return false;
      return true;
    }
    return (
      type === BsonType.symbol && compareValues(buffer, type, start, from, value.type, first) === 0
    );
  };
}

function numeric(operator: ComparisonOperator, value: RawValue, withEqual: boolean): ValueTest {
  const { buffer: other, type: otherType, start: otherStart } = value;
  if (isNaNValue(other, otherType, otherStart)) return withEqual ? isNaNValue : () => false;
  const exact = (buffer: Buffer, type: number, start: number): boolean =>
    isNumberType(type) &&
    !isNaNValue(buffer, type, start) &&
    accepts(operator, compareValues(buffer, type, start, other, otherType, otherStart));
  if (otherType !== BsonType.int && otherType !== BsonType.double) return exact;
  // int32 and double are both exact as JavaScript numbers.
  const wanted =
    otherType === BsonType.int ? readInt32(other, otherStart) : readDouble(other, otherStart);
  switch (operator) {
    case '$eq':
      return (buffer, type, start) =>
        type === BsonType.int
          ? readInt32(buffer, start) === wanted
          : type === BsonType.double
            ? readDouble(buffer, start) === wanted
            : exact(buffer, type, start);
    case '$gt':
      return (buffer, type, start) =>
        type === BsonType.int
          ? readInt32(buffer, start) > wanted
          : type === BsonType.double
            ? readDouble(buffer, start) > wanted
            : exact(buffer, type, start);
    case '$gte':
      return (buffer, type, start) =>
        type === BsonType.int
          ? readInt32(buffer, start) >= wanted
          : type === BsonType.double
            ? readDouble(buffer, start) >= wanted
            : exact(buffer, type, start);
    case '$lt':
      return (buffer, type, start) =>
        type === BsonType.int
          ? readInt32(buffer, start) < wanted
          : type === BsonType.double
            ? readDouble(buffer, start) < wanted
            : exact(buffer, type, start);
    case '$lte':
      return (buffer, type, start) =>
        type === BsonType.int
          ? readInt32(buffer, start) <= wanted
          : type === BsonType.double
            ? readDouble(buffer, start) <= wanted
            : exact(buffer, type, start);
  }
}
