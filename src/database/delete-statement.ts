/** One statement of `delete`, or the removal of a findAndModify. */
import type { RawValue } from '../bson/index.ts';
import type { Hint } from '../plan/index.ts';
import type { Filter, SortPattern } from '../query/index.ts';
import type { Database } from './database.ts';
import type { OperationContext } from './operation-context.ts';
import type { StatementPlace } from './statement-turn.ts';
import { readsByKey, TargetSearch } from './targets.ts';
import type { ExecutedStatements, Writer } from './writer.ts';

export interface ParsedDelete {
  readonly namespace: string;
  readonly filterSpec: RawValue;
  readonly filter: Filter;
  readonly multi: boolean;
  readonly sort?: SortPattern | undefined;
  readonly hint?: Hint | undefined;
}

export interface DeleteOutcome {
  deleted: number;
  /** The document, of a statement that is not multi. */
  document: Buffer | undefined;
}

export interface DeleteHooks {
  /** Where the statement stands in an ordered batch. */
  readonly place?: StatementPlace | undefined;
  before?(writer: Writer, outcome: DeleteOutcome): boolean;
  executed?(outcome: DeleteOutcome): ExecutedStatements | undefined;
}

export async function runDelete(
  database: Database,
  operation: OperationContext,
  request: ParsedDelete,
  hooks: DeleteHooks = {},
): Promise<DeleteOutcome> {
  const outcome: DeleteOutcome = { deleted: 0, document: undefined };
  let search: TargetSearch | undefined;
  let isDone = false;
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
        const collection = writer.catalog.byNamespace(request.namespace);
        if (search !== undefined && search.collectionId !== collection?.id) {
          search.close();
          search = undefined;
        }
        if (collection !== undefined) {
          search ??= new TargetSearch(collection, request, request.multi ? 0 : 1);
          search.run(writer.transaction, collection, ({ recordId, document }) => {
            writer.delete(collection, recordId, document);
            outcome.deleted += 1;
            if (!request.multi) outcome.document = document;
            return request.multi;
          });
        }
        isDone = search === undefined || search.isDone;
        if (isDone && outcome.deleted === 0 && search?.lostSome === true) {
          search.close();
          search = undefined;
          isDone = false;
        }
        writer.seal(isDone ? hooks.executed?.(outcome) : undefined);
        if (isDone) hooks.place?.finish();
      };
      await database.remove(operation, request.namespace, body, {
        isBuffered: readsByKey(request),
      });
    }
  } finally {
    search?.close();
  }
  return outcome;
}
