/** One statement of `delete`, or the removal of a findAndModify. */
import type { RawValue } from '../../bson/index.ts';
import type { Hint } from '../../plan/index.ts';
import type { Filter, SortPattern } from '../../query/index.ts';
import type { Database } from '../database.ts';
import type { OperationContext } from '../operation-context.ts';
import { runBodies, type StatementHooks } from './statement-bodies.ts';

export interface ParsedDelete {
  readonly namespace: string;
  /** What the collection must have: see `checkCollectionUuid`. */
  readonly uuid?: Buffer | undefined;
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

export async function runDelete(
  database: Database,
  operation: OperationContext,
  request: ParsedDelete,
  hooks: StatementHooks<DeleteOutcome> = {},
): Promise<DeleteOutcome> {
  const outcome: DeleteOutcome = { deleted: 0, document: undefined };
  return await runBodies({
    request,
    outcome,
    hooks,
    database,
    queue: (body, options) => database.remove(operation, request.namespace, body, options),
    change: (writer, collection, { recordId, document }) => {
      writer.delete(collection, recordId, document);
      outcome.deleted += 1;
      if (!request.multi) outcome.document = document;
    },
    hasFound: () => outcome.deleted > 0,
  });
}
