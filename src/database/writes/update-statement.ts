/** One statement of `update`, or the change of a findAndModify. */
import type { CollectionInfo } from '../../../storage/index.ts';
import { findField, type RawValue } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { Hint } from '../../plan/index.ts';
import {
  buildUpsertDocument,
  type Filter,
  type MatchInfo,
  type SortPattern,
  type Update,
} from '../../query/index.ts';
import { validate } from '../collections/validators.ts';
import type { Database } from '../database.ts';
import { duplicateKeyError } from '../indexes/duplicate-key.ts';
import type { OperationContext } from '../operation-context.ts';
import { implicitlyCreated } from './insert-many.ts';
import {
  checkUpdatedId,
  documentBytesMax,
  fillTimestamps,
  tooLarge,
  withId,
} from './prepare-document.ts';
import { runBodies, type StatementHooks } from './statement-bodies.ts';
import type { Target } from './targets.ts';
import type { Writer } from './writer.ts';

export interface ParsedUpdate {
  readonly namespace: string;
  /** What the collection must have: see `checkCollectionUuid`. */
  readonly uuid?: Buffer | undefined;
  readonly filterSpec: RawValue;
  readonly filter: Filter;
  readonly update: Update;
  readonly multi: boolean;
  readonly upsert: boolean;
  /** Leave `Timestamp(0, 0)` of a replacement as it is. */
  readonly keepEmptyTimestamps?: boolean | undefined;
  /** bypassDocumentValidation. */
  readonly bypassValidation?: boolean | undefined;
  readonly sort?: SortPattern | undefined;
  readonly hint?: Hint | undefined;
  /** What an upsert inserts, whatever the filter and the update say. */
  readonly upsertDocument?: Buffer | undefined;
  /** What errors on the document say first. */
  readonly errorContext?: string | undefined;
}

export interface UpdateOutcome {
  matched: number;
  modified: number;
  /** `_id` of the document an upsert made. */
  upsertedId: RawValue | undefined;
  /** The one document of a statement that is not multi: before and after. */
  before: Buffer | undefined;
  after: Buffer | undefined;
}

function noOutcome(): UpdateOutcome {
  return {
    matched: 0,
    modified: 0,
    upsertedId: undefined,
    before: undefined,
    after: undefined,
  };
}

export async function runUpdate(
  database: Database,
  operation: OperationContext,
  update: ParsedUpdate,
  hooks: StatementHooks<UpdateOutcome> = {},
): Promise<UpdateOutcome> {
  const outcome = noOutcome();
  return await runBodies({
    request: update,
    outcome,
    hooks,
    database,
    queue: (body, options) => database.write(operation, update.namespace, body, options),
    change: (writer, collection, target) =>
      told(update, () => updateTarget(database, writer, collection, update, target, outcome)),
    hasFound: () => outcome.matched > 0,
    otherwise: (writer) => {
      if (update.upsert) told(update, () => upsert(database, writer, update, outcome));
    },
  });
}

function told({ errorContext }: ParsedUpdate, run: () => void): void {
  try {
    run();
  } catch (error) {
    const isTold = errorContext !== undefined && error instanceof MongoServerError;
    throw isTold ? error.during(errorContext) : error;
  }
}

function updateTarget(
  database: Database,
  writer: Writer,
  collection: CollectionInfo,
  { update, filter, multi, keepEmptyTimestamps, bypassValidation }: ParsedUpdate,
  { recordId, document }: Target,
  outcome: UpdateOutcome,
): void {
  const result = update.apply(document, 0, matchInfo(writer, filter));
  outcome.matched += 1;
  if (!multi) {
    outcome.before = document;
    outcome.after = document;
  }
  if (!result.modified) return;
  const after = withOwnId(document, result.document);
  if (update.isReplacement && keepEmptyTimestamps !== true) {
    fillTimestamps(after, writer.nextClusterTime);
  }
  if (after.length > documentBytesMax) {
    throw tooLarge('Resulting document after update is larger than', after.length);
  }
  validate(database, collection, {
    after,
    before: document,
    isBypassed: bypassValidation === true,
  });
  const duplicate = writer.update(collection, {
    recordId,
    before: document,
    after,
    delta: after === result.document ? result.delta : undefined,
    changedPaths: result.changedPaths,
  });
  if (duplicate !== undefined) throw duplicateKeyError(collection.namespace, duplicate);
  outcome.modified += 1;
  if (!multi) outcome.after = after;
}

/** What an update may ask for beside the document. */
function matchInfo(writer: Writer, filter: Filter): MatchInfo {
  return { filter, now: writer.now, clusterTime: writer.nextClusterTime };
}

/** The `_id` stays the bytes it was: a replacement may bring 1.0 for 1. */
function withOwnId(before: Buffer, after: Buffer): Buffer {
  const old = findField(before, 0, '_id');
  const now = findField(after, 0, '_id');
  if (old === undefined || now === undefined) return after;
  if (
    old.type === now.type &&
    before.compare(after, now.start, now.end, old.start, old.end) === 0
  ) {
    return after;
  }
  const nameLength = 5;
  const idLength = old.end - old.start + nameLength;
  const rest = after.subarray(now.end);
  const bytes = Buffer.allocUnsafeSlow(4 + idLength + rest.length);
  bytes.writeInt32LE(bytes.length, 0);
  before.copy(bytes, 4, old.start - nameLength, old.end);
  rest.copy(bytes, 4 + idLength);
  return bytes;
}

function upsert(
  database: Database,
  writer: Writer,
  update: ParsedUpdate,
  outcome: UpdateOutcome,
): void {
  const document = withId(
    update.upsertDocument ??
      buildUpsertDocument(update.filter, update.update, matchInfo(writer, update.filter)),
  );
  if (document.length > documentBytesMax) {
    throw tooLarge('Resulting document after update is larger than', document.length);
  }
  const id = findField(document, 0, '_id');
  checkUpdatedId(id);
  if (update.keepEmptyTimestamps !== true) fillTimestamps(document, writer.nextClusterTime);
  const collection =
    writer.catalog.byNamespace(update.namespace) ??
    implicitlyCreated(database, writer, update.namespace);
  validate(database, collection, {
    after: document,
    isBypassed: update.bypassValidation === true,
  });
  const duplicate = writer.insert(collection, document);
  if (duplicate !== undefined) throw duplicateKeyError(update.namespace, duplicate);
  outcome.upsertedId = id;
  outcome.after = document;
}
