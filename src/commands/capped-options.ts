/** The limits of a capped collection, as create, collMod and convertToCapped say them. */
import { MongoServerError } from '../errors/index.ts';
import type { CommandBody } from './command-body.ts';

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
