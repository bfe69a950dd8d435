/** Reads whole collections to check or compare them, on a pinned state, in slices. */
import { createHash } from 'node:crypto';
import { Binary } from 'bson';
import {
  type CollectionInfo,
  getRecord,
  hasIndexKey,
  type IndexInfo,
  type Reader,
  readStat,
  scanIndex,
  scanRecords,
} from '../../../storage/index.ts';
import { documentEnd, validateDocument } from '../../bson/index.ts';
import { isOwnIndex } from '../../plan/index.ts';
import type { IndexKey } from '../../query/index.ts';
import type { Database } from '../database.ts';
import { inSlices } from '../in-slices.ts';
import { entriesOf } from '../indexes/index-entries.ts';
import type { OperationContext } from '../operation-context.ts';
import { isCapped } from './collection-options.ts';
import { collectionsOf } from './collections.ts';
import { splitNamespace } from './namespaces.ts';

/** Faults a validation names; more are only counted by it. */
const namedErrorsMax = 1000;

export interface Validation {
  readonly records: number;
  readonly invalidDocuments: number;
  readonly keysPerIndex: Readonly<Record<string, number>>;
  readonly errors: readonly string[];
}

export async function validateCollection(
  database: Database,
  operation: OperationContext,
  info: CollectionInfo,
): Promise<Validation> {
  const snapshot = database.engine.snapshot();
  const errors: string[] = [];
  const expected = new Map<string, number>();
  let records = 0;
  let bytes = 0;
  let invalidDocuments = 0;
  try {
    await eachRecord(snapshot, info, operation, (recordId) => {
      records += 1;
      try {
        const document = getRecord(snapshot, info, recordId) as Buffer;
        bytes += document.length;
        validateDocument(document, 0, document.length);
        for (const index of info.indexes) {
          if (index.state === 'building') continue;
          const { keys } = entriesOf(index, document, 0);
          expected.set(index.name, (expected.get(index.name) ?? 0) + keys.length);
          const isLacking = ({ keyString }: IndexKey) =>
            !hasIndexKey(snapshot, index, keyString, recordId);
          if (errors.length < namedErrorsMax && keys.some(isLacking)) {
            errors.push(`index ${index.name} lacks a key of record ${recordId}`);
          }
        }
      } catch (error) {
        invalidDocuments += 1;
        if (errors.length < namedErrorsMax) {
          errors.push(`record ${recordId}: ${(error as Error).message}`);
        }
      }
    });
    const keysPerIndex: Record<string, number> = {};
    for (const index of info.indexes) {
      if (index.state === 'building') continue;
      const count = await countKeys(snapshot, index, operation);
      if (!isOwnIndex(index)) keysPerIndex[index.name] = count;
      if (count !== (expected.get(index.name) ?? 0)) {
        errors.push(
          `index ${index.name} has ${count} keys instead of ${expected.get(index.name) ?? 0}`,
        );
      }
    }
    const stat = readStat(snapshot, info.id);
    if (stat.count !== records || stat.bytes !== bytes) {
      errors.push(
        `the statistics say ${stat.count} documents of ${stat.bytes} bytes, there are ${records} of ${bytes}`,
      );
    }
    return { records, invalidDocuments, keysPerIndex, errors };
  } finally {
    snapshot.close();
  }
}

async function countKeys(
  reader: Reader,
  index: IndexInfo,
  operation: OperationContext,
): Promise<number> {
  let count = 0;
  const cursor = scanIndex(reader, index, {});
  try {
    await inSlices(operation, () => {
      if (!cursor.next()) return false;
      count += 1;
      return true;
    });
  } finally {
    cursor.close();
  }
  return count;
}

async function eachRecord(
  reader: Reader,
  info: CollectionInfo,
  operation: OperationContext,
  visit: (recordId: number, buffer: Buffer, start: number) => void,
): Promise<void> {
  const cursor = scanRecords(reader, info, {});
  try {
    await inSlices(operation, () => {
      if (!cursor.next()) return false;
      visit(cursor.recordId, cursor.buffer, cursor.start);
      return true;
    });
  } finally {
    cursor.close();
  }
}

export interface DatabaseHash {
  readonly collections: Readonly<Record<string, string>>;
  readonly uuids: Readonly<Record<string, Binary>>;
  /** Names of those that are capped. */
  readonly capped: readonly string[];
  readonly md5: string;
}

/** MD5 of each collection's documents in natural order, and of those together. */
export async function hashCollections(
  database: Database,
  operation: OperationContext,
  name: string,
  only: readonly string[] | undefined,
): Promise<DatabaseHash> {
  const snapshot = database.engine.snapshot();
  const collections: Record<string, string> = {};
  const uuids: Record<string, Binary> = {};
  const capped: string[] = [];
  const whole = createHash('md5');
  try {
    for (const info of collectionsOf(database.catalog, name)) {
      const { collection } = splitNamespace(info.namespace);
      if (only !== undefined && only.length > 0 && !only.includes(collection)) continue;
      const hash = createHash('md5');
      await eachRecord(snapshot, info, operation, (_recordId, buffer, start) => {
        hash.update(buffer.subarray(start, documentEnd(buffer, start)));
      });
      const digest = hash.digest('hex');
      collections[collection] = digest;
      uuids[collection] = new Binary(info.uuid, 4);
      if (isCapped(info)) capped.push(collection);
      whole.update(digest);
    }
    return { collections, uuids, capped, md5: whole.digest('hex') };
  } finally {
    snapshot.close();
  }
}
