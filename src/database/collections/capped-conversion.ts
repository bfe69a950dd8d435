/** Collections become capped: the one there is, or a copy of it. */
import { type CollectionInfo, lastRecordId, scanRecords } from '../../../storage/index.ts';
import { copyDocument, documentEnd } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { PlanExecutor, planQuery, type Stage } from '../../plan/index.ts';
import type { Database } from '../database.ts';
import { duplicateKeyError } from '../indexes/duplicate-key.ts';
import type { OperationContext } from '../operation-context.ts';
import { emptyFilter } from '../reads/find-query.ts';
import type { Writer } from '../writes/writer.ts';
import { overflowOf } from './capped-eviction.ts';
import { type CappedLimits, cappedLimits, isClustered, withOptions } from './collection-options.ts';
import {
  changeOptionsIn,
  createCollectionIn,
  dropIndexIn,
  idIndexSpecOf,
  respecifyIndexIn,
} from './definitions.ts';
import { checkCreatable } from './namespaces.ts';
import { timeSeriesOf } from './time-series.ts';
import { sourceOf } from './view-definitions.ts';
import { viewAt } from './views.ts';

/** What one body copies at most. */
const copiedDocumentsMax = 64;
const copiedBytesMax = 1024 * 1024;

/**
 * Makes a collection capped where it is: it loses its indexes but the one on `_id`, takes the options,
 * and then its oldest documents go until the rest fits, in as many bodies as that takes. From the first
 * of them on it is capped, so an interruption leaves only what the next inserts evict.
 *
 * MongoDB copies and renames under a lock of the database; here nothing waits and the UUID stays.
 */
export async function convertToCapped(
  database: Database,
  operation: OperationContext,
  namespace: string,
  size: number | bigint,
): Promise<void> {
  await database.write(operation, namespace, (writer) => {
    const found = sourceCollection(writer, namespace, 'convertToCapped');
    for (const index of found.indexes) {
      if (!index.isIdIndex) dropIndexIn(writer, newest(writer, found), index);
    }
    const options = withOptions(found.options, {
      capped: true,
      size,
      clusteredIndex: undefined,
      expireAfterSeconds: undefined,
    });
    const idIndex = found.indexes.find(({ isIdIndex }) => isIdIndex);
    if (isClustered(found) && idIndex !== undefined) {
      respecifyIndexIn(writer, newest(writer, found), idIndex, idIndexSpecOf(options));
    }
    changeOptionsIn(writer, newest(writer, found), options);
  });
  for (let isOver = true; isOver; ) {
    const { result } = await database.remove(operation, namespace, (writer) => {
      const info = writer.catalog.byNamespace(namespace);
      const limits = info && cappedLimits(info);
      return info !== undefined && limits !== undefined && evict(writer, info, limits);
    });
    isOver = result;
  }
}

/** False when nothing was left to evict. The newest document always stays. */
function evict(writer: Writer, info: CollectionInfo, limits: CappedLimits): boolean {
  const newestId = lastRecordId(writer.transaction, info);
  const evicted = overflowOf(writer.transaction, info, limits, newestId);
  for (const { recordId, document } of evicted) writer.delete(info, recordId, document);
  return evicted.length > 0;
}

/** Copies the newest documents that fit, oldest first, into a new capped collection. */
export async function cloneCollectionAsCapped(
  database: Database,
  operation: OperationContext,
  from: string,
  to: string,
  size: number | bigint,
): Promise<void> {
  const { result: created } = await database.write(operation, to, (writer) => {
    const source = sourceCollection(writer, from, 'cloneCollectionAsCapped');
    if (viewAt(sourceOf(writer), to) !== undefined) {
      throw new MongoServerError(
        'CommandNotSupportedOnView',
        `cloneCollectionAsCapped not supported for views: ${to}`,
      );
    }
    if (writer.catalog.byNamespace(to) !== undefined) {
      throw new MongoServerError(
        'NamespaceExists',
        `cloneCollectionAsCapped failed - destination collection ${to} already exists. source: ${from}`,
      );
    }
    checkCreatable(to);
    const options = withOptions(source.options, {
      capped: true,
      size,
      clusteredIndex: undefined,
      expireAfterSeconds: undefined,
    });
    return { source, target: createCollectionIn(writer, to, database.newUuid(), options) };
  });
  const { source, target } = created;
  let after = await beforeNewest(database, operation, source, Number(size));
  for (let isMore = true; isMore; ) {
    const { result: last } = await database.write(operation, to, (writer) =>
      copySome(writer, source, target, after),
    );
    isMore = last !== undefined;
    after = last ?? after;
  }
}

/** The record before the newest ones that have `bytesMax` together, or before all of them: 0. */
async function beforeNewest(
  database: Database,
  operation: OperationContext,
  source: CollectionInfo,
  bytesMax: number,
): Promise<number> {
  const { root } = planQuery({
    collection: source,
    filter: emptyFilter(),
    hint: { kind: 'natural', direction: -1 },
  });
  let bytes = 0;
  let before = 0;
  const executor = new PlanExecutor(root, database.engine.latest);
  const addUp = ({ buffer, start, recordId }: Stage): boolean => {
    bytes += documentEnd(buffer, start) - start;
    if (bytes > bytesMax) before = recordId;
    return bytes <= bytesMax;
  };
  await executor.forEach(addUp, operation.interrupt);
  return before;
}

/** The last record that was copied; undefined when there is none after `after`. */
function copySome(
  writer: Writer,
  source: CollectionInfo,
  target: CollectionInfo,
  after: number,
): number | undefined {
  const info = writer.catalog.byId(target.id);
  if (info === undefined || writer.catalog.byId(source.id) === undefined) {
    throw new MongoServerError('QueryPlanKilled', `collection dropped: ${source.namespace}`);
  }
  const documents: Buffer[] = [];
  let last: number | undefined;
  let bytes = 0;
  const cursor = scanRecords(writer.transaction, source, { after });
  try {
    while (documents.length < copiedDocumentsMax && bytes < copiedBytesMax && cursor.next()) {
      const document = copyDocument(cursor.buffer, cursor.start);
      documents.push(document);
      bytes += document.length;
      last = cursor.recordId;
    }
  } finally {
    cursor.close();
  }
  for (const document of documents) {
    const duplicate = writer.insert(info, document);
    if (duplicate !== undefined) throw duplicateKeyError(info.namespace, duplicate);
  }
  return last;
}

function sourceCollection(writer: Writer, namespace: string, command: string): CollectionInfo {
  const info = writer.catalog.byNamespace(namespace);
  const isTimeSeries = info !== undefined && timeSeriesOf(info) !== undefined;
  if (info !== undefined && !isTimeSeries) return info;
  if (isTimeSeries || viewAt(sourceOf(writer), namespace) !== undefined) {
    throw new MongoServerError(
      'CommandNotSupportedOnView',
      `${command} not supported for views: ${namespace}`,
    );
  }
  throw new MongoServerError('NamespaceNotFound', `source collection ${namespace} does not exist`);
}

function newest(writer: Writer, { id }: CollectionInfo): CollectionInfo {
  return writer.catalog.byId(id) as CollectionInfo;
}
