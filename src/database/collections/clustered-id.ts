/** What MongoDB, whose clustered collections keep a document under its `_id`, refuses of one. */
import { BsonType, decodeKeyString, decodeValue } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { factsOf } from '../../plan/index.ts';
import type { Duplicate, IndexChange } from '../writes/record-writer.ts';

/** Of the key string of an `_id`. */
const recordIdBytesMax = 8 * 1024 * 1024;
/** MongoDB's key strings of binary data have the length of long data in five bytes, ours in four. */
const longerLength = 1;

/** Throws when the `_id` a document brings into a clustered collection is too long. */
export function checkClusteredId(changes: readonly IndexChange[]): void {
  for (const { index, added } of changes) {
    const [key] = added;
    if (!index.isIdIndex || key === undefined) continue;
    const { length } = key.keyString;
    if (length < recordIdBytesMax) return;
    const [id] = decodeKeyString(key.keyString, key.typeBits, [false]);
    if (length + (id?.type === BsonType.binData ? longerLength : 0) <= recordIdBytesMax) return;
    throw new MongoServerError(
      5894900,
      `Size of RecordId is above limit of ${recordIdBytesMax} bytes`,
    );
  }
}

/**
 * Undefined: the usual DuplicateKey. MongoDB fails to show which of the types that have a NaN or an
 * infinity a clustered key has, and answers with that failure.
 */
export function clusteredDuplicate({ index, key }: Duplicate): MongoServerError | undefined {
  if (!index.isIdIndex || !factsOf(index).isClustered) return undefined;
  const [id] = decodeKeyString(key.keyString, key.typeBits, [false]);
  if (id?.type !== BsonType.double && id?.type !== BsonType.decimal) return undefined;
  const number = Number(String(decodeValue(id)));
  if (Number.isNaN(number)) return new MongoServerError(50819, 'Invalid type bits for numeric NaN');
  if (Number.isFinite(number)) return undefined;
  return new MongoServerError(50826, 'Invalid type bits for numeric infinity');
}
