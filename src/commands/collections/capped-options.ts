/** The limits of a capped collection, as create, collMod and convertToCapped say them. */
import { MongoServerError } from '../../errors/index.ts';
import type { CommandBody } from '../dispatch/command-body.ts';
import { wholeNumberOf } from '../dispatch/field-values.ts';

/** One PiB. */
const cappedSizeMax = 2 ** 50;
const noDocumentsMax = 0x7fff_ffff;

/** Bytes; larger than an int becomes a long. */
export function cappedSize(body: CommandBody, field: string): number | bigint | undefined {
  const size = body.optionalInt(field, { minimum: 1, maximum: cappedSizeMax });
  return size === undefined ? undefined : storedSize(size);
}

/** An int when it fits, as MongoDB stores it. */
function storedSize(size: number): number | bigint {
  return size > 0x7fff_ffff ? BigInt(size) : size;
}

/**
 * Of commands that read their fields by themselves in MongoDB: what is no number counts as none, and
 * that it must be positive is said in words of their own.
 */
export function requiredCappedSize(body: CommandBody): number | bigint {
  const value = body.value('size');
  const size = value === undefined ? 0 : (wholeNumberOf(value) ?? 0);
  if (size <= 0) {
    throw new MongoServerError(
      'InvalidOptions',
      'Capped collection size must be greater than zero',
    );
  }
  if (size > cappedSizeMax) {
    throw new MongoServerError(
      'BadValue',
      `BSON field 'size' value must be <= ${cappedSizeMax}, actual value '${size}'`,
    );
  }
  return storedSize(size);
}

/** Documents; zero and less stand for "as many as fit", which is stored as the greatest int. */
export function cappedMax(body: CommandBody, field: string): number | undefined {
  const max = body.optionalInt(field);
  if (max !== undefined && max > noDocumentsMax) {
    throw new MongoServerError(
      'BadValue',
      'max in a capped collection has to be < 2^31 or not set',
    );
  }
  return max !== undefined && max <= 0 ? noDocumentsMax : max;
}
