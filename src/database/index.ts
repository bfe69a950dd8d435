export { applyEntry, type RemovedDocument, undoEntry } from './apply.ts';
export {
  collectionsOf,
  createCollection,
  dropCollection,
  dropDatabase,
  existingCollection,
  renameCollection,
} from './collections.ts';
export {
  Database,
  type DatabaseOptions,
  oplogNamespace,
  type ReadLevel,
  type ReadView,
  type UndoneSlice,
  type WriteGate,
  type Written,
} from './database.ts';
export { gtidFromBytes, gtidToBytes } from './gtid-bytes.ts';
export { createIndexes, dropIndexes, type IndexSelection, resumeIndexBuilds } from './indexes.ts';
export { type InsertRequest, type InsertResult, insertMany } from './insert-many.ts';
export { checkNamespace, splitNamespace } from './namespaces.ts';
export { type Interrupt, internalOperation, type OperationContext } from './operation-context.ts';
export {
  type AppendedEntry,
  type ClusterTime,
  checkEntryHead,
  entryClusterTime,
  entryFollows,
  entryGtid,
  entryHash,
  entryTerm,
  entryWallTime,
  makeEntry,
  readEntry,
} from './oplog-entry.ts';
export type { Duplicate } from './record-writer.ts';
export { WakeUps } from './wake-ups.ts';
export type { WriteError } from './write-error.ts';
export { type ExecutedStatements, type UpdateOfRecord, Writer } from './writer.ts';
