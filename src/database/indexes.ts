/**
 * Indexes come and go. A small collection's index is built in one body; a big one's in slices, each
 * an entry of its own, so that no member is held up and a rollback is as gradual as the build was.
 */
import {
  type CollectionInfo,
  type IndexInfo,
  lastRecordId,
  readStat,
  scanRecords,
  type WriteTransaction,
} from '../../storage/index.ts';
import { documentText, findField, type RawValue, valueText } from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import type { Database } from './database.ts';
import {
  buildSliceIn,
  commitBuildIn,
  createCollectionIn,
  createIndexIn,
  dropIndexIn,
  startBuildIn,
} from './definitions.ts';
import { indexFromSpec, isIdKey, normalizeSpec } from './index-spec.ts';
import { checkCreatable } from './namespaces.ts';
import type { OperationContext } from './operation-context.ts';
import { internalOperation } from './operation-context.ts';
import type { Writer } from './writer.ts';

const indexesPerCollectionMax = 64;
/** Up to so many documents and bytes an index is built in one body. */
const oneBodyDocuments = 500;
const oneBodyBytes = 1024 * 1024;
/** Records one slice of a build looks at, and bytes of them, roughly. */
const sliceRecords = 250;
const sliceBytes = 512 * 1024;

export interface CreatedIndexes {
  readonly before: number;
  readonly after: number;
  readonly createdCollection: boolean;
}

export async function createIndexes(
  database: Database,
  operation: OperationContext,
  namespace: string,
  requests: readonly RawValue[],
): Promise<CreatedIndexes> {
  const specs = requests.map(normalizeSpec);
  const { result } = await database.write(operation, namespace, (writer) => {
    let info = writer.catalog.byNamespace(namespace);
    const createdCollection = info === undefined;
    if (info === undefined) {
      checkCreatable(namespace);
      info = createCollectionIn(writer, namespace, database.newUuid());
    }
    const before = info.indexes.length;
    const builds: number[] = [];
    for (const spec of specs) {
      const existing = existingIndex(info, spec);
      if (existing !== undefined) {
        if (existing.state === 'building') builds.push(existing.id);
        continue;
      }
      if (info.indexes.length >= indexesPerCollectionMax) {
        throw new MongoServerError(
          'CannotCreateIndex',
          `add index fails, too many indexes for ${namespace} key:${valueText(findField(spec, 0, 'key')!)}`,
        );
      }
      if (isSmall(writer.transaction, info)) createIndexIn(writer, info, spec);
      else builds.push(startBuildIn(writer, info, spec));
      info = writer.catalog.byId(info.id) as CollectionInfo;
    }
    return { before, after: info.indexes.length, createdCollection, id: info.id, builds };
  });
  await buildIndexes(database, operation, namespace, result.id, result.builds);
  return result;
}

function isSmall(transaction: WriteTransaction, info: CollectionInfo): boolean {
  const { count, bytes } = readStat(transaction, info.id);
  return count <= oneBodyDocuments && bytes <= oneBodyBytes;
}

/** The index that already is what `spec` asks for; throws when one stands in the way. */
function existingIndex(info: CollectionInfo, spec: Buffer): IndexInfo | undefined {
  const wanted = indexFromSpec(0, spec, 'ready');
  if (isIdKey(wanted)) return info.indexes.find(({ isIdIndex }) => isIdIndex);
  for (const index of info.indexes) {
    const sameKey = sameKeyPattern(index, wanted);
    const sameOptions = index.unique === wanted.unique;
    if (index.name === wanted.name) {
      if (sameKey && sameOptions) return index;
      throw new MongoServerError(
        'IndexKeySpecsConflict',
        `An existing index has the same name as the requested index. When index names are not specified, they are auto generated and can cause conflicts. Please refer to our documentation. Requested index: ${documentText(spec, 0)}, existing index: ${documentText(index.spec, 0)}`,
      );
    }
    if (sameKey) {
      throw new MongoServerError(
        'IndexOptionsConflict',
        sameOptions
          ? `Index already exists with a different name: ${index.name}`
          : `An equivalent index already exists with a different name and options. Requested index: ${documentText(spec, 0)}, existing index: ${documentText(index.spec, 0)}`,
      );
    }
  }
  return undefined;
}

function sameKeyPattern(a: IndexInfo, b: IndexInfo): boolean {
  return (
    a.keyPattern.length === b.keyPattern.length &&
    a.keyPattern.every(
      ({ path, direction }, at) =>
        b.keyPattern[at]?.path === path && b.keyPattern[at]?.direction === direction,
    )
  );
}

// -- builds in slices -----------------------------------------------------------------------------

/** Why a build is given up; any other failure leaves it for the next primary to go on with. */
const endsBuilds: ReadonlySet<string> = new Set([
  // A document stands in the way: building again would fail again.
  'DuplicateKey',
  'CannotIndexParallelArrays',
  // Somebody wants it to end.
  'Interrupted',
  'MaxTimeMSExpired',
]);

/** One after the other. When one of them is given up, so are all that are not ready. */
async function buildIndexes(
  database: Database,
  operation: OperationContext,
  namespace: string,
  collectionId: number,
  indexIds: readonly number[],
): Promise<void> {
  for (const id of indexIds) database.buildsInProgress.add(id);
  try {
    for (const indexId of indexIds) {
      for (let isDone = false; !isDone; ) {
        const { result } = await database.write(operation, namespace, (writer) =>
          buildSlice(writer, collectionId, indexId),
        );
        isDone = result;
      }
    }
  } catch (error) {
    if (!(error instanceof MongoServerError) || !endsBuilds.has(error.codeName)) throw error;
    await database.remove(internalOperation(), namespace, (writer) => {
      for (const indexId of indexIds) {
        const found = findBuild(writer, collectionId, indexId);
        if (found !== undefined) dropIndexIn(writer, found.info, found.index, 'abortIndexBuild');
      }
    });
    throw error;
  } finally {
    for (const id of indexIds) database.buildsInProgress.delete(id);
  }
}

/** True when the index is complete. */
function buildSlice(writer: Writer, collectionId: number, indexId: number): boolean {
  const found = findBuild(writer, collectionId, indexId);
  if (found === undefined) {
    const info = writer.catalog.byId(collectionId);
    if (info?.indexes.some(({ id }) => id === indexId) === true) return true;
    throw new MongoServerError('IndexBuildAborted', 'index build aborted: the index was dropped');
  }
  const { info, index } = found;
  const upTo = sliceEnd(writer.transaction, info, index.buildPosition ?? 0);
  buildSliceIn(writer, info, index, upTo);
  if (upTo < lastRecordId(writer.transaction, info)) return false;
  const filled = findBuild(writer, collectionId, indexId);
  if (filled !== undefined) commitBuildIn(writer, filled.info, filled.index);
  return true;
}

function findBuild(
  writer: Writer,
  collectionId: number,
  indexId: number,
): { info: CollectionInfo; index: IndexInfo } | undefined {
  const info = writer.catalog.byId(collectionId);
  const index = info?.indexes.find(({ id }) => id === indexId);
  if (info === undefined || index === undefined || index.state === 'ready') return undefined;
  return { info, index };
}

function sliceEnd(transaction: WriteTransaction, info: CollectionInfo, after: number): number {
  const cursor = scanRecords(transaction, info, { after });
  let end = after;
  try {
    let bytes = 0;
    for (let count = 0; count < sliceRecords && bytes < sliceBytes && cursor.next(); count += 1) {
      end = cursor.recordId;
      bytes += cursor.buffer.readInt32LE(cursor.start);
    }
  } finally {
    cursor.close();
  }
  return end;
}

/** A new primary goes on with the builds its predecessor began. */
export async function resumeIndexBuilds(database: Database): Promise<void> {
  for (const info of database.catalog.collections()) {
    for (const index of info.indexes) {
      if (index.state !== 'building' || database.buildsInProgress.has(index.id)) continue;
      await buildIndexes(database, internalOperation(), info.namespace, info.id, [index.id]);
    }
  }
}

// -- drop -----------------------------------------------------------------------------------------

/** Which indexes to drop: '*', a name, names, or a key pattern (BSON). */
export type IndexSelection = string | readonly string[] | Buffer;

/** Returns how many indexes there were. */
export async function dropIndexes(
  database: Database,
  operation: OperationContext,
  namespace: string,
  selection: IndexSelection,
): Promise<number> {
  const { result } = await database.remove(operation, namespace, (writer) => {
    const info = writer.catalog.byNamespace(namespace);
    if (info === undefined) {
      throw new MongoServerError('NamespaceNotFound', `ns not found ${namespace}`);
    }
    for (const index of selected(info, selection)) {
      const newest = writer.catalog.byId(info.id) as CollectionInfo;
      dropIndexIn(writer, newest, index);
    }
    return info.indexes.length;
  });
  return result;
}

function selected(info: CollectionInfo, selection: IndexSelection): IndexInfo[] {
  if (selection === '*') return info.indexes.filter(({ isIdIndex }) => !isIdIndex);
  if (Buffer.isBuffer(selection)) {
    const wanted = indexFromSpec(0, selection, 'ready');
    const found = info.indexes.filter((index) => sameKeyPattern(index, wanted));
    if (found.length === 0) {
      throw new MongoServerError(
        'IndexNotFound',
        `can't find index with key: ${valueText(findField(selection, 0, 'key')!)}`,
      );
    }
    return found.map(refuseIdIndex);
  }
  const names = typeof selection === 'string' ? [selection] : selection;
  return names.map((name, at) => {
    const index = info.indexes.find(
      (candidate) => candidate.name === name && names.indexOf(name) === at,
    );
    if (index === undefined) {
      throw new MongoServerError('IndexNotFound', `index not found with name [${name}]`);
    }
    return refuseIdIndex(index);
  });
}

function refuseIdIndex(index: IndexInfo): IndexInfo {
  if (index.isIdIndex) throw new MongoServerError('InvalidOptions', 'cannot drop _id index');
  return index;
}
