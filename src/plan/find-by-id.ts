import {
  borrowRecord,
  type CollectionInfo,
  findUnique,
  type IndexInfo,
  type Reader,
} from '../../storage/index.ts';
import {
  type Collation,
  isCollatable,
  isSameCollation,
  KeyStringWriter,
  type RawValue,
} from '../bson/index.ts';
import { factsOf } from './index-facts.ts';
import { hintedRecord, hintHash, isHintable, rememberRecord } from './record-hints.ts';

/** A document in the storage's own bytes: valid until the next read from the storage. */
export interface FoundRecord {
  readonly recordId: number;
  readonly buffer: Buffer;
  readonly start: number;
}

const writer = new KeyStringWriter();

/** The `_id` index; every collection but the oplog and time series has one. */
export function idIndexOf(collection: CollectionInfo): IndexInfo | undefined {
  const first = collection.indexes[0];
  if (first?.isIdIndex === true) return first;
  return collection.indexes.find((index) => index.isIdIndex);
}

/** Whether `_id` equal to this, under the query's collation, is what the `_id` index has one key for. */
export function isIdLookup(
  collection: CollectionInfo,
  { type }: RawValue,
  collation: Collation | undefined,
): boolean {
  const index = idIndexOf(collection);
  if (index === undefined) return false;
  return !isCollatable(type) || isSameCollation(factsOf(index).collation, collation);
}

/** The document with this `_id`: straight from the record it was in last, or by the `_id` index. */
export function findById(
  reader: Reader,
  collection: CollectionInfo,
  id: RawValue,
): FoundRecord | undefined {
  const index = idIndexOf(collection);
  if (index === undefined) return undefined;
  const hash = isHintable(id) ? hintHash(collection.id, id) : 0;
  if (hash !== 0) {
    const recordId = hintedRecord(hash);
    const record = recordId === 0 ? undefined : borrowRecord(reader, collection, recordId);
    if (record !== undefined && startsWithId(record.buffer, record.start, id)) {
      return { recordId, buffer: record.buffer, start: record.start };
    }
  }
  writer.reset(isCollatable(id.type) ? factsOf(index).collation : undefined);
  writer.append(id.buffer, id.type, id.start, false);
  const recordId = findUnique(reader, index, writer.finish());
  if (recordId === undefined) return undefined;
  const record = borrowRecord(reader, collection, recordId);
  if (record === undefined) return undefined;
  if (hash !== 0) rememberRecord(hash, recordId);
  return { recordId, buffer: record.buffer, start: record.start };
}

/**
 * Whether `_id` is the document's first field, as it is in all that clients store, and has this type
 * and these bytes. Another spelling of an equal number is for the index to find.
 */
function startsWithId(document: Buffer, start: number, id: RawValue): boolean {
  if (document[start + 4] !== id.type) return false;
  // "_id\0"
  if (document[start + 5] !== 0x5f || document[start + 6] !== 0x69) return false;
  if (document[start + 7] !== 0x64 || document[start + 8] !== 0) return false;
  const { buffer } = id;
  let at = start + 9;
  for (let from = id.start; from < id.end; from++) {
    if (document[at++] !== buffer[from]) return false;
  }
  return true;
}
