/**
 * One update or delete statement over as many write bodies as its search needs: each goes on where the
 * one before it ended, and all of them are one statement to a retry and to an ordered batch.
 */
import type { CollectionInfo, Reader } from '../../../storage/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { checkWithoutCollection } from '../../plan/index.ts';
import { checkCollectionUuid } from '../collections/collection-uuid.ts';
import { bucketsBehind } from '../collections/time-series-buckets.ts';
import { sourceOf } from '../collections/view-definitions.ts';
import { refuseView } from '../collections/views.ts';
import type { StatementPlace } from './statement-turn.ts';
import {
  type PlanningState,
  readsByKey,
  type Target,
  type TargetQuery,
  TargetSearch,
} from './targets.ts';
import type { ExecutedStatements, Writer } from './writer.ts';

/** What a body adds for an ordered batch and for a retryable write: asked first, told last. */
export interface StatementHooks<Outcome> {
  /** Where the statement stands in an ordered batch. */
  readonly place?: StatementPlace | undefined;
  /** True when the statement was executed before, and `outcome` has been filled from its record. */
  before?(writer: Writer, outcome: Outcome): boolean;
  /** What to record with the entry. */
  executed?(outcome: Outcome): ExecutedStatements | undefined;
}

export interface TargetStatement<Outcome> {
  readonly request: TargetQuery & {
    readonly namespace: string;
    readonly uuid?: Buffer | undefined;
    readonly multi: boolean;
  };
  /** Filled by `change`; of a body that must be run again, taken back. */
  readonly outcome: Outcome;
  readonly hooks: StatementHooks<Outcome>;
  readonly database: PlanningState;
  /** Queues a body, which commits what it changed, and resolves when it is durable. */
  queue(
    body: (writer: Writer) => void,
    options: { readonly isBuffered: (collection: CollectionInfo) => boolean },
  ): Promise<unknown>;
  /** Changes one document, or throws and has written nothing. */
  change(writer: Writer, collection: CollectionInfo, target: Target): void;
  /** Whether something has been found. */
  hasFound(): boolean;
  /** When the search is over and has found nothing. */
  otherwise?(writer: Writer): void;
}

/** Throws the error that ended the statement; what was changed before it stays changed, as in MongoDB. */
export async function runBodies<Outcome extends object>(
  statement: TargetStatement<Outcome>,
): Promise<Outcome> {
  const { request, outcome, hooks } = statement;
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
        checkCollectionUuid(writer.catalog, request.namespace, request.uuid);
        const collection = writer.catalog.byNamespace(request.namespace);
        if (collection === undefined) checkMissing(writer, request);
        search = continued(search, collection, statement, writer.transaction);
        if (search !== undefined && collection !== undefined) {
          search.run(writer.transaction, collection, (target) => {
            failure = attemptTo(() => statement.change(writer, collection, target));
            return request.multi && failure === undefined;
          });
        }
        isDone = search === undefined || search.isDone;
        if (isDone && !statement.hasFound() && failure === undefined) {
          if (search?.lostSome === true) {
            search.close();
            search = undefined;
            isDone = false;
          } else failure = attemptTo(() => statement.otherwise?.(writer));
        }
        const isExecuted = isDone && failure === undefined;
        writer.seal(isExecuted ? hooks.executed?.(outcome) : undefined);
        if (isExecuted) hooks.place?.finish();
      };
      await statement.queue(body, {
        isBuffered: (collection) => readsByKey(collection, request),
      });
    }
    if (failure !== undefined) throw failure;
  } finally {
    search?.close();
  }
  return outcome;
}

/** What can not be written although there is no collection of the name: a view, buckets; a `$text` finds no index. */
function checkMissing(writer: Writer, { namespace, filter }: TargetStatement<unknown>['request']) {
  refuseView(sourceOf(writer), namespace);
  if (bucketsBehind(writer, namespace) !== undefined) {
    throw new MongoServerError(
      'NotImplemented',
      `updates and deletes of the buckets in ${namespace} are not implemented: each measurement is a document of the time series`,
    );
  }
  checkWithoutCollection(filter, namespace);
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
  { request, database }: Pick<TargetStatement<unknown>, 'request' | 'database'>,
  reader: Reader,
): TargetSearch | undefined {
  if (search !== undefined && search.collectionId === collection?.id) return search;
  search?.close();
  if (collection === undefined) return undefined;
  return new TargetSearch(collection, request, request.multi ? 0 : 1, database, reader);
}
