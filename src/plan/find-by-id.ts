import {
  borrowRecord,
  type CollectionInfo,
  findUnique,
  type IndexInfo,
  type Reader,
} from '../../storage/index.ts';
import type { RawValue } from '../bson/index.ts';
import { KeyStringWriter } from '../bson/index.ts';

/** A document in the storage's own bytes: valid until the next read from the storage. */
export interface FoundRecord {
  readonly recordId: number;
  readonly buffer: Buffer;
  readonly start: number;
}

const writer = new KeyStringWriter();

/** The `_id` index; every collection but the oplog has one. */
export function idIndexOf(collection: CollectionInfo): IndexInfo | undefined {
  const first = collection.indexes[0];
  if (first?.isIdIndex === true) return first;
  return collection.indexes.find((index) => index.isIdIndex);
}

/** The document with this `_id`: one look into the `_id` index, one into the records. */
export function findById(
  reader: Reader,
  collection: CollectionInfo,
  id: RawValue,
): FoundRecord | undefined {
  const index = idIndexOf(collection);
  if (index === undefined) return undefined;
  writer.reset();
  writer.append(id.buffer, id.type, id.start, false);
  const recordId = findUnique(reader, index, writer.finish());
  if (recordId === undefined) return undefined;
  const record = borrowRecord(reader, collection, recordId);
  if (record === undefined) return undefined;
  return { recordId, buffer: record.buffer, start: record.start };
}
