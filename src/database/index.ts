export type { CommitQuorum } from '../../storage/index.ts';
export { alterIndex, type IndexAlteration, type IndexIdentifier } from './alter-index.ts';
export type { RemovedDocument } from './apply.ts';
export { cloneCollectionAsCapped, convertToCapped } from './capped-conversion.ts';
export { changeOptions } from './change-options.ts';
export { effectiveCollation } from './collection-collation.ts';
export {
  type CollectionOptions,
  documentsExpireAfter,
  encodeOptions,
  indexCount,
  isCapped,
  isClustered,
} from './collection-options.ts';
export {
  createCollection,
  dropCollection,
  dropDatabase,
  existingCollection,
  renameCollection,
} from './collections.ts';
export { type BuildVoters, setCommitQuorum } from './commit-quorum.ts';
export {
  Database,
  type DatabaseOptions,
  type UndoneSlice,
  type WriteGate,
  type Written,
} from './database.ts';
export { type DeleteOutcome, type ParsedDelete, runDelete } from './delete-statement.ts';
export { expireDocuments } from './expire-documents.ts';
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
} from './find-query.ts';
export { EntryDoesNotFit } from './following-entries.ts';
export { gtidFromBytes, gtidToBytes } from './gtid-bytes.ts';
export { buildProgress, buildUuid, resumeIndexBuilds } from './index-builds.ts';
export type { IndexFilter } from './index-filters.ts';
export {
  type CreateIndexesOptions,
  createIndexes,
  dropIndexes,
  type IndexSelection,
} from './indexes.ts';
export { type InsertRequest, type InsertResult, insertMany } from './insert-many.ts';
export {
  type BatchRequest,
  type BatchSource,
  type DocumentBatch,
  ListSource,
} from './list-source.ts';
export type { Measured } from './measure.ts';
export { checkNamespace, checkRenamable, splitNamespace } from './namespaces.ts';
export type { CursorOptions, OpenCursor } from './open-cursors.ts';
export { type Interrupt, internalOperation, type OperationContext } from './operation-context.ts';
export { variablesOf } from './operation-variables.ts';
export {
  type AppendedEntry,
  type ClusterTime,
  entryClusterTime,
  entryGtid,
  entryHash,
  entryWallTime,
  makeEntry,
} from './oplog-entry.ts';
export type { ReadLevel, ReadView } from './read-view.ts';
export type { Duplicate } from './record-writer.ts';
export { type RetryableWrite, retryableWriteOf } from './retryable.ts';
export { SessionReaper, sessionTimeoutMinutes } from './session-reaper.ts';
export { deleteHooks, findAndModifyHooks, updateHooks } from './statement-record.ts';
export { NotItsTurn, type StatementPlace, StatementTurns } from './statement-turn.ts';
export {
  bucketsOf,
  type Granularity,
  refuseTimeSeries,
  shownIndexes,
  type TimeSeries,
  timeSeriesOf,
} from './time-series.ts';
export { bucketStages, bucketsBehind, unpackBucket } from './time-series-buckets.ts';
export { checkTimeSeriesSort, checkTimeSeriesUpdate } from './time-series-statements.ts';
export { type ParsedUpdate, runUpdate, type UpdateOutcome } from './update-statement.ts';
export {
  checkValidator,
  type ValidationAction,
  type ValidationLevel,
} from './validators.ts';
export { hashCollections, validateCollection } from './verify.ts';
export { changeView, createView, type NewView } from './view-definitions.ts';
export {
  pipelineOf,
  type ResolvedView,
  refuseView,
  resolveView,
  stagesOf,
  type ViewDefinition,
  viewsOf,
} from './views.ts';
export {
  defaultOplogBytesMax,
  listedCollection,
  oplogNamespace,
  type VirtualCollection,
} from './virtual-collections.ts';
export {
  type CountRequest,
  countDocuments,
  type DistinctRequest,
  distinctOf,
  distinctOfResults,
} from './whole-reads.ts';
export type { WriteError } from './write-error.ts';
export { statementError, writeErrorOf } from './write-error.ts';
export type { ExecutedStatements, UpdateOfRecord } from './writer.ts';
