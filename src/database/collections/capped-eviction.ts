/**
 * A capped collection loses its oldest documents in the storage transaction of the insert that makes
 * it too large. They leave as ordinary deletes with pre-images: a secondary repeats them and decides
 * nothing, and undo brings them back.
 *
 * As in MongoDB: an update may grow a document and evicts nothing, a document larger than the whole
 * collection is taken and goes with the next insert, and the document just inserted always stays.
 */
import { type CollectionInfo, type Reader, readStat, scanRecords } from '../../../storage/index.ts';
import { copyDocument, documentEnd } from '../../bson/index.ts';
import type { CappedLimits } from './collection-options.ts';

/**
 * What one insert evicts at most, to keep a write body short. More comes together only when the limits
 * have been lowered, or for a document thousands of times larger than others: later inserts go on.
 */
const evictionsMax = 512;

export interface EvictedRecord {
  readonly recordId: number;
  /** A copy. */
  readonly document: Buffer;
}

/** The oldest records that exceed the limits; never `insertedId` or later ones. */
export function overflowOf(
  reader: Reader,
  info: CollectionInfo,
  { bytesMax, documentsMax }: CappedLimits,
  insertedId: number,
): EvictedRecord[] {
  const { count, bytes } = readStat(reader, info.id);
  let documentsOver = count - documentsMax;
  let bytesOver = bytes - bytesMax;
  const evicted: EvictedRecord[] = [];
  if (documentsOver <= 0 && bytesOver <= 0) return evicted;
  const cursor = scanRecords(reader, info);
  try {
    while ((documentsOver > 0 || bytesOver > 0) && evicted.length < evictionsMax) {
      if (!cursor.next() || cursor.recordId >= insertedId) break;
      const { buffer, start, recordId } = cursor;
      evicted.push({ recordId, document: copyDocument(buffer, start) });
      documentsOver -= 1;
      bytesOver -= documentEnd(buffer, start) - start;
    }
  } finally {
    cursor.close();
  }
  return evicted;
}
