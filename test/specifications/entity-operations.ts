/** What specification files do with entities that are no collection. */
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type {
  AbstractCursor,
  AnyClientBulkWriteModel,
  ClientBulkWriteResult,
  ClientSession,
  Db,
  Document,
  GridFSBucket,
} from 'mongodb';
import { concerns } from './entities.ts';
import { CannotRun } from './format.ts';
import type { ObservedClient } from './observed-client.ts';

type OperationTable<Entity> = Readonly<
  Record<string, (entity: Entity, args: Document) => Promise<unknown>>
>;

export const clientOperations: OperationTable<ObservedClient> = {
  appendMetadata: async ({ client }, { driverInfoOptions }) =>
    client.appendMetadata(driverInfoOptions),
  clientBulkWrite: async ({ client }, { models, ...options }) =>
    clientBulkWriteDocument(await client.bulkWrite(models.map(clientModel), options)),
  close: ({ client }) => client.close(),
  listDatabaseNames: async ({ client }, options) =>
    (
      await client
        .db()
        .admin()
        .listDatabases({ ...options, nameOnly: true })
    ).databases.map(({ name }) => name),
  listDatabaseObjects: () => cannot('the driver has no listDatabaseObjects'),
  listDatabases: async ({ client }, options) =>
    (await client.db().admin().listDatabases(options)).databases,
};

export const databaseOperations: OperationTable<Db> = {
  aggregate: (database, { pipeline, ...options }) =>
    database.aggregate(pipeline, options).toArray(),
  createCollection: (database, { collection, ...options }) =>
    database.createCollection(collection, options),
  createCommandCursor: async (database, args) => {
    const cursor = commandCursor(database, args);
    await cursor.hasNext();
    return cursor;
  },
  dropCollection: (database, { collection, ...options }) =>
    database.dropCollection(collection, options),
  listCollectionNames: async (database, { filter, ...options }) =>
    (await database.listCollections(filter, { ...options, nameOnly: true }).toArray()).map(
      ({ name }) => name,
    ),
  listCollectionObjects: () => cannot('the driver has no listCollectionObjects'),
  listCollections: (database, { filter, ...options }) =>
    database.listCollections(filter, options).toArray(),
  modifyCollection: (database, { collection, ...options }) =>
    database.command({ collMod: collection, ...options }),
  runCommand: (database, { command, commandName: _, ...options }) =>
    database.command(command, concerns(options)),
  runCursorCommand: (database, args) => commandCursor(database, args).toArray(),
};

function commandCursor(database: Db, args: Document): AbstractCursor {
  const { command, commandName: _, batchSize, maxTimeMS, comment, cursorType, ...options } = args;
  const cursor = database.runCursorCommand(command, {
    ...concerns(options),
    ...(cursorType && {
      tailable: cursorType !== 'nonTailable',
      awaitData: cursorType === 'tailableAwait',
    }),
  });
  if (batchSize !== undefined) cursor.setBatchSize(batchSize);
  if (maxTimeMS !== undefined) cursor.setMaxTimeMS(maxTimeMS);
  if (comment !== undefined) cursor.setComment(comment);
  return cursor;
}

export const sessionOperations: OperationTable<ClientSession> = {
  abortTransaction: (session) => session.abortTransaction(),
  commitTransaction: (session) => session.commitTransaction(),
  endSession: (session) => session.endSession(),
  getSnapshotTime: () => cannot('the driver does not tell the snapshot time of a session'),
  startTransaction: async (session, options) => session.startTransaction(concerns(options)),
};

export const cursorOperations: OperationTable<AbstractCursor> = {
  close: (cursor) => cursor.close().catch(() => {}),
  iterateOnce: (cursor) => cursor.tryNext(),
  iterateUntilDocumentOrError: async (cursor) => {
    for (;;) {
      const document = await cursor.tryNext();
      if (document !== null) return document;
      if (cursor.closed) throw new Error('the cursor ended before a document came');
    }
  },
};

export const bucketOperations: OperationTable<GridFSBucket> = {
  delete: (bucket, { id, ...options }) => bucket.delete(id, options),
  deleteByName: () => cannot('the driver has no deleteByName'),
  download: (bucket, { id, ...options }) => buffer(bucket.openDownloadStream(id, options)),
  downloadByName: (bucket, { filename, ...options }) =>
    buffer(bucket.openDownloadStreamByName(filename, options)),
  drop: (bucket) => bucket.drop(),
  find: (bucket, { filter, ...options }) => bucket.find(filter, options).toArray(),
  rename: (bucket, { id, newFilename }) => bucket.rename(id, newFilename),
  renameByName: () => cannot('the driver has no renameByName'),
  upload: async (bucket, { filename, source, disableMD5: _, ...options }) => {
    const stream = bucket.openUploadStream(filename, options);
    const bytes = Buffer.from(source.$$hexBytes, 'hex');
    await new Promise((resolve, reject) => {
      Readable.from([bytes], { objectMode: false })
        .pipe(stream)
        .on('finish', resolve)
        .on('error', reject);
    });
    return stream.id;
  },
};

/** A model is nested in the name of its kind in a file, and names it in the driver. */
function clientModel(model: Document): AnyClientBulkWriteModel<Document> {
  const [[name, fields]] = Object.entries(model) as [[string, Document]];
  return { name, ...fields } as AnyClientBulkWriteModel<Document>;
}

/** Maps of results become documents keyed by the index of the model. `didUpsert` is the driver's own. */
export function clientBulkWriteDocument(result: ClientBulkWriteResult): Document {
  const { insertResults, updateResults, deleteResults, ...counts } = result;
  return {
    ...counts,
    ...(insertResults && { insertResults: Object.fromEntries(insertResults) }),
    ...(updateResults && {
      updateResults: Object.fromEntries(
        [...updateResults].map(([index, { didUpsert: _, ...update }]) => [index, update]),
      ),
    }),
    ...(deleteResults && { deleteResults: Object.fromEntries(deleteResults) }),
  };
}

function cannot(reason: string): Promise<never> {
  return Promise.reject(new CannotRun(reason));
}
