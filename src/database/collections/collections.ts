/** Collections as commands name them: create, drop, rename, with MongoDB's checks. */
import type { CatalogState, CollectionInfo } from '../../../storage/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { Database } from '../database.ts';
import { namespaceNotFound } from '../not-found.ts';
import type { OperationContext } from '../operation-context.ts';
import { checkCollectionUuid } from './collection-uuid.ts';
import {
  checkDatabaseCase,
  createCollectionIn,
  dropCollectionIn,
  noteDropDatabase,
  renameCollectionIn,
} from './definitions.ts';
import { checkCreatable, checkDatabaseName, checkRenamable, splitNamespace } from './namespaces.ts';
import { timeSeriesOf } from './time-series.ts';
import { dropViewIn, sourceOf, viewExists } from './view-definitions.ts';
import { viewAt } from './views.ts';

/** Collections dropped by one body of dropDatabase. */
const dropsPerBody = 64;

export function collectionsOf(catalog: CatalogState, database: string): CollectionInfo[] {
  const prefix = `${database}.`;
  return [...catalog.collections()]
    .filter(({ namespace }) => namespace.startsWith(prefix))
    .sort((a, b) => (a.namespace < b.namespace ? -1 : 1));
}

/** `options` is BSON. An existing collection with the same options is success, as in MongoDB. */
export async function createCollection(
  database: Database,
  operation: OperationContext,
  namespace: string,
  options: Buffer,
): Promise<void> {
  checkCreatable(namespace);
  await database.write(operation, namespace, (writer) => {
    const existing = writer.catalog.byNamespace(namespace);
    if (existing !== undefined) {
      if (existing.options.equals(options)) return;
      throw new MongoServerError('NamespaceExists', `Collection ${namespace} already exists.`);
    }
    if (viewAt(sourceOf(writer), namespace) !== undefined) throw viewExists(namespace);
    createCollectionIn(writer, namespace, database.newUuid(), options);
  });
}

/** The dropped collection, `view` for a view, or undefined when there was neither. */
export async function dropCollection(
  database: Database,
  operation: OperationContext,
  namespace: string,
  uuid?: Buffer,
): Promise<CollectionInfo | 'view' | undefined> {
  const { result } = await database.remove(operation, namespace, (writer) => {
    checkCollectionUuid(writer.catalog, namespace, uuid);
    const info = writer.catalog.byNamespace(namespace);
    if (info !== undefined) dropCollectionIn(writer, info);
    else if (dropViewIn(writer, namespace)) return 'view';
    return info;
  });
  return result;
}

/** False when there was no such database. */
export async function dropDatabase(
  database: Database,
  operation: OperationContext,
  name: string,
): Promise<boolean> {
  checkDatabaseName(name);
  const gate = `${name}.$cmd`;
  let existed = false;
  for (let isDone = false; !isDone; ) {
    const { result } = await database.remove(operation, gate, (writer) => {
      const collections = collectionsOf(writer.catalog, name);
      for (const info of collections.slice(0, dropsPerBody)) dropCollectionIn(writer, info);
      if (collections.length > dropsPerBody) return { any: true, done: false };
      const any = collections.length > 0;
      if (any || existed) noteDropDatabase(writer, name);
      return { any, done: true };
    });
    existed ||= result.any;
    isDone = result.done;
  }
  return existed;
}

export interface RenameOptions {
  /** True: whatever has the name is dropped. A UUID: only that collection is, and it must be there. */
  readonly dropTarget?: boolean | Buffer;
  /** The collection that is meant, besides by name. */
  readonly uuid?: Buffer | undefined;
}

export async function renameCollection(
  database: Database,
  operation: OperationContext,
  from: string,
  to: string,
  { dropTarget, uuid }: RenameOptions = {},
): Promise<void> {
  checkRenamable(from);
  checkRenamable(to);
  checkCreatable(to);
  if (from === to) {
    throw new MongoServerError('IllegalOperation', "Can't rename a collection to itself");
  }
  const isAcross = splitNamespace(from).database !== splitNamespace(to).database;
  await database.write(operation, from, (writer) => {
    const source = writer.catalog.byNamespace(from);
    checkCollectionUuid(writer.catalog, from, uuid);
    if (Buffer.isBuffer(dropTarget) && !isAcross) {
      checkCollectionUuid(writer.catalog, to, dropTarget);
    }
    if (source === undefined || timeSeriesOf(source) !== undefined) {
      if (source !== undefined || viewAt(sourceOf(writer), from) !== undefined) {
        throw new MongoServerError('CommandNotSupportedOnView', `cannot rename view: ${from}`);
      }
      throw new MongoServerError('NamespaceNotFound', `Source collection ${from} does not exist`);
    }
    const target = writer.catalog.byNamespace(to);
    const isView = target ? timeSeriesOf(target) : viewAt(sourceOf(writer), to);
    if (isView !== undefined) {
      throw new MongoServerError('NamespaceExists', `a view already exists with that name: ${to}`);
    }
    if (Buffer.isBuffer(dropTarget)) {
      if (isAcross) {
        throw new MongoServerError(
          'InvalidOptions',
          'a UUID as dropTarget is for a rename within one database',
        );
      }
    } else if (target !== undefined && dropTarget !== true) {
      throw new MongoServerError('NamespaceExists', 'target namespace exists');
    }
    if (isAcross && (from.startsWith('local.') || to.startsWith('local.'))) {
      throw new MongoServerError(
        'IllegalOperation',
        'Cannot rename collections between a replicated and an unreplicated database',
      );
    }
    checkDatabaseCase(writer.catalog, to);
    renameCollectionIn(writer, source, to, target);
  });
}

/** The collection, or throws NamespaceNotFound in the words most commands use. */
export function existingCollection(catalog: CatalogState, namespace: string): CollectionInfo {
  const info = catalog.byNamespace(namespace);
  if (info === undefined) throw namespaceNotFound(namespace);
  return info;
}
