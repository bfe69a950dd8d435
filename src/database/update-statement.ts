/** One statement of `update`, or the change of a findAndModify. */
import type { CollectionInfo } from '../../storage/index.ts';
import { findField, type RawValue } from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import type { Hint } from '../plan/index.ts';
import {
  buildUpsertDocument,
  type Filter,
  type MatchInfo,
  type SortPattern,
  type Update,
} from '../query/index.ts';
import type { Database } from './database.ts';
import { duplicateKeyError } from './duplicate-key.ts';
import { implicitlyCreated } from './insert-many.ts';
import type { OperationContext } from './operation-context.ts';
import {
  checkUpdatedId,
  documentBytesMax,
  fillTimestamps,
  tooLarge,
  withId,
} from './prepare-document.ts';
import type { StatementPlace } from './statement-turn.ts';
import { readsByKey, type Target, TargetSearch } from './targets.ts';
import type { ExecutedStatements, Writer } from './writer.ts';

export interface ParsedUpdate {
  readonly namespace: string;
  readonly filterSpec: RawValue;
  readonly filter: Filter;
  readonly update: Update;
  readonly multi: boolean;
  readonly upsert: boolean;
  /** Leave `Timestamp(0, 0)` of a replacement as it is. */
  readonly keepEmptyTimestamps?: boolean | undefined;
  readonly sort?: SortPattern | undefined;
  readonly hint?: Hint | undefined;
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

/** What a body adds for an ordered batch and for a retryable write: asked first, told last. */
export interface StatementHooks {
  /** Where the statement stands in an ordered batch. */
  readonly place?: StatementPlace | undefined;
  /** True when the statement was executed before, and `outcome` has been filled from its record. */
  before?(writer: Writer, outcome: UpdateOutcome): boolean;
  /** What to record with the entry. */
  executed?(outcome: UpdateOutcome): ExecutedStatements | undefined;
}

export async function runUpdate(
  database: Database,
  operation: OperationContext,
  update: ParsedUpdate,
  hooks: StatementHooks = {},
): Promise<UpdateOutcome> {
  const outcome = noOutcome();
  let search: TargetSearch | undefined;
  let isDone = false;
  let failure: MongoServerError | undefined;
  try {
    while (!isDone) {
      const attempt = { ...outcome };
      const body = (writer: Writer): void => {
        hooks.place?.begin();
        Object.assign(outcome, attempt);
        if (hooks.before?.(writer, outcome) === true) {
          isDone = true;
          hooks.place?.finish();
          return;
        }
        const collection = writer.catalog.byNamespace(update.namespace);
        search = continued(search, collection, update);
        if (search !== undefined && collection !== undefined) {
          search.run(writer.transaction, collection, (target) => {
            // What was changed before the failure stays changed, as in MongoDB.
            failure = attemptTo(() => {
              updateTarget(writer, collection, update, target, outcome);
            });
            return update.multi && failure === undefined;
          });
        }
        isDone = search === undefined || search.isDone;
        if (isDone && outcome.matched === 0 && failure === undefined) {
          if (search?.lostSome === true) {
            search.close();
            search = undefined;
            isDone = false;
          } else if (update.upsert) {
            failure = attemptTo(() => {
              upsert(database, writer, update, outcome);
            });
          }
        }
        const isExecuted = isDone && failure === undefined;
        writer.seal(isExecuted ? hooks.executed?.(outcome) : undefined);
        if (isExecuted) hooks.place?.finish();
      };
      await database.write(operation, update.namespace, body, { isBuffered: readsByKey(update) });
    }
    if (failure !== undefined) throw failure;
  } finally {
    search?.close();
  }
  return outcome;
}

/** The client's error, if there is one. A failed change has written nothing. */
function attemptTo(change: () => void): MongoServerError | undefined {
  try {
    change();
    return undefined;
  } catch (error) {
    if (error instanceof MongoServerError) return error;
    throw error;
  }
}

/** The search to go on with; a new one at first, or when the collection is another one now. */
function continued(
  search: TargetSearch | undefined,
  collection: CollectionInfo | undefined,
  update: ParsedUpdate,
): TargetSearch | undefined {
  if (collection === undefined) return undefined;
  if (search !== undefined && search.collectionId === collection.id) return search;
  search?.close();
  return new TargetSearch(collection, update, update.multi ? 0 : 1);
}

function updateTarget(
  writer: Writer,
  collection: CollectionInfo,
  { update, filter, multi, keepEmptyTimestamps }: ParsedUpdate,
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
  const duplicate = writer.insert(collection, document);
  if (duplicate !== undefined) throw duplicateKeyError(update.namespace, duplicate);
  outcome.upsertedId = id;
  outcome.after = document;
}
