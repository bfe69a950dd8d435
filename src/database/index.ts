export type { CommitQuorum } from '../../storage/index.ts';
export { cloneCollectionAsCapped, convertToCapped } from './collections/capped-conversion.ts';
export { changeOptions } from './collections/change-options.ts';
export { effectiveCollation } from './collections/collection-collation.ts';
export {
  type CollectionOptions,
  documentsExpireAfter,
  encodeOptions,
  indexCount,
  isCapped,
  isClustered,
} from './collections/collection-options.ts';
export {
  createCollection,
  dropCollection,
  dropDatabase,
  existingCollection,
  renameCollection,
} from './collections/collections.ts';
export { expireDocuments } from './collections/expire-documents.ts';
export { databaseSizes, type Measured } from './collections/measure.ts';
export {
  checkDatabaseName,
  checkNamespace,
  checkRenamable,
  splitNamespace,
} from './collections/namespaces.ts';
export { dropAbandonedOutputs, withOutputCollection } from './collections/output-collections.ts';
export { pipelinesInside } from './collections/pipeline-namespaces.ts';
export { replaceCollection } from './collections/replace-collection.ts';
export {
  bucketsOf,
  type Granularity,
  refuseTimeSeries,
  shownIndexes,
  type TimeSeries,
  timeSeriesOf,
} from './collections/time-series.ts';
export { bucketStages, bucketsBehind, unpackBucket } from './collections/time-series-buckets.ts';
export {
  checkTimeSeriesSort,
  checkTimeSeriesUpdate,
} from './collections/time-series-statements.ts';
export {
  checkValidator,
  type ValidationAction,
  type ValidationLevel,
} from './collections/validators.ts';
export { hashCollections, validateCollection } from './collections/verify.ts';
export { changeView, createView, type NewView } from './collections/view-definitions.ts';
export {
  pipelineOf,
  type ResolvedView,
  refuseView,
  resolveView,
  stagesOf,
  type ViewDefinition,
  viewsOf,
} from './collections/views.ts';
export {
  defaultOplogBytesMax,
  listedCollection,
  oplogNamespace,
  type VirtualCollection,
} from './collections/virtual-collections.ts';
export {
  Database,
  type DatabaseOptions,
  type WriteGate,
  type Written,
} from './database.ts';
export { alterIndex, type IndexAlteration, type IndexIdentifier } from './indexes/alter-index.ts';
export { type BuildVoters, setCommitQuorum } from './indexes/commit-quorum.ts';
export { buildProgress, buildUuid, resumeIndexBuilds } from './indexes/index-builds.ts';
export type { IndexFilter } from './indexes/index-filters.ts';
export {
  type CreateIndexesOptions,
  createIndexes,
  dropIndexes,
  type IndexSelection,
} from './indexes/indexes.ts';
export { type Interrupt, internalOperation, type OperationContext } from './operation-context.ts';
export { variablesOf } from './operation-variables.ts';
export type { RemovedDocument } from './oplog/apply.ts';
export type { UndoneSlice } from './oplog/follow.ts';
export { EntryDoesNotFit } from './oplog/following-entries.ts';
export { gtidFromBytes, gtidToBytes } from './oplog/gtid-bytes.ts';
export {
  type AppendedEntry,
  type ClusterTime,
  entryClusterTime,
  entryGtid,
  entryHash,
  entryWallTime,
  makeEntry,
} from './oplog/oplog-entry.ts';
export {
  collectionIn,
  emptyFilter,
  type FindFields,
  findContext,
  hasDocuments,
  openFind,
  planChoice,
  planFind,
  pointLookup,
  pointLookupId,
  pointLookupTaking,
  QueryCursor,
} from './reads/find-query.ts';
export {
  type BatchRequest,
  type BatchSource,
  type DocumentBatch,
  ListSource,
} from './reads/list-source.ts';
export type { CursorOptions, OpenCursor } from './reads/open-cursors.ts';
export type { ReadLevel, ReadView } from './reads/read-view.ts';
export { checkStillThere, GuardedPlan } from './reads/still-there.ts';
export {
  type CountRequest,
  countDocuments,
  type DistinctRequest,
  distinctOf,
  distinctOfResults,
} from './reads/whole-reads.ts';
export { type DeleteOutcome, type ParsedDelete, runDelete } from './writes/delete-statement.ts';
export { type InsertRequest, type InsertResult, insertMany } from './writes/insert-many.ts';
export type { Duplicate } from './writes/record-writer.ts';
export { type RetryableWrite, retryableWriteOf } from './writes/retryable.ts';
export { SessionReaper, sessionTimeoutMinutes } from './writes/session-reaper.ts';
export { deleteHooks, findAndModifyHooks, updateHooks } from './writes/statement-record.ts';
export { NotItsTurn, type StatementPlace, StatementTurns } from './writes/statement-turn.ts';
export { type ParsedUpdate, runUpdate, type UpdateOutcome } from './writes/update-statement.ts';
export type { WriteError } from './writes/write-error.ts';
export { statementError, writeErrorOf } from './writes/write-error.ts';
export type { ExecutedStatements, UpdateOfRecord } from './writes/writer.ts';
