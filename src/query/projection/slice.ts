import { BsonType, ElementReader, type RawValue, valueText } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { isNumberType, numberOf } from '../raw-number.ts';
import type { Slice } from './projection-node.ts';

const int32Max = 2 ** 31 - 1;

function clamp(value: RawValue): number {
  const number = Math.trunc(numberOf(value)!) || 0;
  return Math.max(-int32Max, Math.min(int32Max, number));
}

/** `{$slice: n}` and `{$slice: [skip, limit]}` of find; undefined: the expression of that name is meant. */
export function readSlice(value: RawValue): Slice | undefined {
  if (isNumberType(value.type)) {
    const count = clamp(value);
    return count < 0 ? { skip: count, limit: int32Max } : { skip: 0, limit: count };
  }
  if (value.type !== BsonType.array) return undefined;
  const parts: RawValue[] = [];
  const reader = new ElementReader(value.buffer, value.start);
  while (reader.next()) parts.push(reader.value());
  const [skip, limit] = parts;
  if (parts.length !== 2 || !isNumberType(skip!.type) || !isNumberType(limit!.type)) {
    return undefined;
  }
  const count = clamp(limit!);
  return count <= 0 ? undefined : { skip: clamp(skip!), limit: count };
}

const wrongArity = 28667;

/** What is wrong with a `$slice` that is neither find's nor the expression of that name. */
export function sliceSyntaxError(spec: RawValue, error: unknown): unknown {
  const isSlice =
    spec.type === BsonType.object &&
    spec.buffer.toString('latin1', spec.start + 5, spec.start + 12) === '$slice\0';
  if (!isSlice || !(error instanceof MongoServerError) || error.code !== wrongArity) return error;
  return new MongoServerError(
    wrongArity,
    `Invalid $slice syntax. The given syntax ${valueText(spec)} did not match the find() syntax because :: Location31273: $slice only supports numbers and [skip, limit] arrays :: The given syntax did not match the expression $slice syntax. :: caused by :: ${error.message}`,
  );
}

/** The positions [from, to) a slice keeps of an array of this length. */
export function sliceRange(length: number, { skip, limit }: Slice): [number, number] {
  const from = skip < 0 ? Math.max(0, length + skip) : Math.min(skip, length);
  return [from, Math.min(length, from + limit)];
}
