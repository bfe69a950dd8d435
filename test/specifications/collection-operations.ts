/** What specification files do with a collection, in the driver's words. */
import type { AnyBulkWriteOperation, BulkWriteResult, Collection, Document } from 'mongodb';
import { CannotRun } from './format.ts';

type CollectionOperation = (collection: Collection, args: Document) => Promise<unknown>;

export const collectionOperations: Readonly<Record<string, CollectionOperation>> = {
  aggregate: (collection, { pipeline, ...options }) =>
    collection.aggregate(pipeline, options).toArray(),
  bulkWrite: async (collection, { requests, ...options }) =>
    bulkWriteDocument(await collection.bulkWrite(requests as AnyBulkWriteOperation[], options)),
  count: (collection, { filter, ...options }) => collection.count(filter, options),
  countDocuments: (collection, { filter, ...options }) =>
    collection.countDocuments(filter, options),
  createFindCursor: async (collection, { filter, ...options }) => {
    const cursor = collection.find(filter, options);
    await cursor.hasNext();
    return cursor;
  },
  createIndex: (collection, { keys, ...options }) => collection.createIndex(keys, options),
  createSearchIndex: (collection, { model }) => collection.createSearchIndex(model),
  createSearchIndexes: (collection, { models }) => collection.createSearchIndexes(models),
  deleteMany: (collection, { filter, ...options }) => collection.deleteMany(filter, options),
  deleteOne: (collection, { filter, ...options }) => collection.deleteOne(filter, options),
  distinct: (collection, { fieldName, filter, ...options }) =>
    collection.distinct(fieldName, filter, options),
  drop: (collection, options) => collection.drop(options),
  dropIndex: (collection, { name, ...options }) => collection.dropIndex(name, options),
  dropIndexes: (collection, options) => collection.dropIndexes(options),
  dropSearchIndex: (collection, { name }) => collection.dropSearchIndex(name),
  estimatedDocumentCount: (collection, options) => collection.estimatedDocumentCount(options),
  find: (collection, { filter, ...options }) => collection.find(filter, options).toArray(),
  findOne: (collection, { filter, ...options }) => collection.findOne(filter, options),
  findOneAndDelete: (collection, { filter, ...options }) =>
    collection.findOneAndDelete(filter, options),
  findOneAndReplace: (collection, { filter, replacement, ...options }) =>
    collection.findOneAndReplace(filter, replacement, withReturnDocument(options)),
  findOneAndUpdate: (collection, { filter, update, ...options }) =>
    collection.findOneAndUpdate(filter, update, withReturnDocument(options)),
  insertMany: (collection, { documents, ...options }) => collection.insertMany(documents, options),
  insertOne: (collection, { document, ...options }) => collection.insertOne(document, options),
  listIndexes: (collection, options) => collection.listIndexes(options).toArray(),
  listIndexNames: async (collection, options) =>
    (await collection.listIndexes(options).toArray()).map(({ name }) => name),
  listSearchIndexes: (collection, { name, aggregationOptions }) =>
    (name === undefined
      ? collection.listSearchIndexes(aggregationOptions)
      : collection.listSearchIndexes(name, aggregationOptions)
    ).toArray(),
  mapReduce: () => Promise.reject(new CannotRun('the driver has no mapReduce')),
  rename: (collection, { to, ...options }) => collection.rename(to, options),
  replaceOne: (collection, { filter, replacement, ...options }) =>
    collection.replaceOne(filter, replacement, options),
  updateMany: (collection, { filter, update, ...options }) =>
    collection.updateMany(filter, update, options),
  updateOne: (collection, { filter, update, ...options }) =>
    collection.updateOne(filter, update, options),
  updateSearchIndex: (collection, { name, definition }) =>
    collection.updateSearchIndex(name, definition),
};

/** The fields specification files name, of which the driver offers some as getters only. */
export function bulkWriteDocument(result: BulkWriteResult): Document {
  const { insertedCount, matchedCount, modifiedCount, deletedCount, upsertedCount } = result;
  const { insertedIds, upsertedIds } = result;
  return {
    insertedCount,
    insertedIds,
    matchedCount,
    modifiedCount,
    deletedCount,
    upsertedCount,
    upsertedIds,
  };
}

function withReturnDocument({ returnDocument, ...options }: Document): Document {
  if (returnDocument === undefined) return options;
  return { ...options, returnDocument: returnDocument.toLowerCase() };
}
