import {
  BsonType,
  ElementReader,
  elementText,
  type RawValue,
  typeAlias,
} from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { isNumberType, numberOf } from '../raw-number.ts';
import type { Slice } from './projection-node.ts';

const int32Max = 2 ** 31 - 1;

function clamp(value: RawValue): number {
  const number = Math.trunc(numberOf(value)!) || 0;
  return Math.max(-int32Max, Math.min(int32Max, number));
}

/** `{$slice: n}` and `{$slice: [skip, limit]}` of find; the aggregation's form is not there yet. */
export function parseSlice(value: RawValue): Slice {
  if (isNumberType(value.type)) {
    const count = clamp(value);
    return count < 0 ? { skip: count, limit: int32Max } : { skip: 0, limit: count };
  }
  const parts: RawValue[] = [];
  if (value.type === BsonType.array) {
    const reader = new ElementReader(value.buffer, value.start);
    while (reader.next()) parts.push(reader.value());
  }
  if (parts.length === 0 || parts.length > 3 || value.type !== BsonType.array) {
    throw new MongoServerError(
      28667,
      `Invalid $slice syntax. The given syntax { ${elementText('$slice', value)} } did not match the find() syntax because :: Location31273: $slice only supports numbers and [skip, limit] arrays :: The given syntax did not match the expression $slice syntax. :: caused by :: Expression $slice takes at least 2 arguments, and at most 3, but ${Math.max(parts.length, 1)} were passed in.`,
    );
  }
  const [skip, limit] = parts;
  if (parts.length !== 2 || !isNumberType(skip!.type) || !isNumberType(limit!.type)) {
    throw new MongoServerError(
      28724,
      `First argument to $slice must be an array, but is of type: ${typeAlias(skip!.type)}`,
    );
  }
  const count = clamp(limit!);
  if (count <= 0) {
    throw new MongoServerError(
      28724,
      `First argument to $slice must be an array, but is of type: ${typeAlias(skip!.type)}`,
    );
  }
  return { skip: clamp(skip!), limit: count };
}

/** The positions [from, to) a slice keeps of an array of this length. */
export function sliceRange(length: number, { skip, limit }: Slice): [number, number] {
  const from = skip < 0 ? Math.max(0, length + skip) : Math.min(skip, length);
  return [from, Math.min(length, from + limit)];
}
