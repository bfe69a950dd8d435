import { BsonType, ElementReader, type RawValue, typeAlias, valueText } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { isNumberType, numberOf } from '../raw-number.ts';
import type { Slice } from './projection-node.ts';

const int32Max = 2 ** 31 - 1;

function clamp(value: RawValue): number {
  const number = Math.trunc(numberOf(value)!) || 0;
  return Math.max(-int32Max, Math.min(int32Max, number));
}

/** `{$slice: n}` and `{$slice: [skip, limit]}` of find; throws what is neither. */
export function readSlice(value: RawValue): Slice {
  if (isNumberType(value.type)) {
    const count = clamp(value);
    return count < 0 ? { skip: count, limit: int32Max } : { skip: 0, limit: count };
  }
  if (value.type !== BsonType.array) {
    throw new MongoServerError(31273, '$slice only supports numbers and [skip, limit] arrays');
  }
  const parts: RawValue[] = [];
  const reader = new ElementReader(value.buffer, value.start);
  while (reader.next()) parts.push(reader.value());
  const [skip, limit] = parts;
  if (skip === undefined || limit === undefined || parts.length > 2) {
    throw new MongoServerError(31272, '$slice array argument should be of form [skip, limit]');
  }
  if (!isNumberType(skip.type)) throw notNumber(31257, 'skip', skip);
  if (!isNumberType(limit.type)) throw notNumber(31258, 'limit', limit);
  const count = clamp(limit);
  if (count <= 0) {
    throw new MongoServerError(31259, `$slice limit must be positive, got ${count}`);
  }
  return { skip: clamp(skip), limit: count };
}

function notNumber(code: number, name: string, { type }: RawValue): MongoServerError {
  return new MongoServerError(
    code,
    `$slice expects the ${name} argument to be a number, got ${typeAlias(type)}`,
  );
}

/** What is wrong with a `$slice` that is no good as find's, nor as the expression of that name. */
export function sliceSyntaxError(
  spec: RawValue,
  ofFind: MongoServerError,
  ofExpression: MongoServerError,
): MongoServerError {
  return ofExpression.during(
    `Invalid $slice syntax. The given syntax ${valueText(spec)} did not match the find() syntax because :: ${ofFind.codeName}: ${ofFind.message} :: The given syntax did not match the expression $slice syntax.`,
  );
}

/** The positions [from, to) a slice keeps of an array of this length. */
export function sliceRange(length: number, { skip, limit }: Slice): [number, number] {
  const from = skip < 0 ? Math.max(0, length + skip) : Math.min(skip, length);
  return [from, Math.min(length, from + limit)];
}
