/**
 * Deletes documents whose time is over, by their TTL indexes or by the order of the collection: by `_id`
 * in a clustered one, by the time in a time series. These are ordinary deletes, that a secondary
 * repeats and a rollback undoes. Of an array of dates the earliest counts; what is no date never
 * expires.
 */
import type { CollectionInfo, IndexInfo } from '../../../storage/index.ts';
import {
  BsonType,
  decodeDocument,
  encodeDocument,
  findField,
  type RawValue,
} from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { factsOf, isOwnIndex, orderIndexOf } from '../../plan/index.ts';
import { parseFilter } from '../../query/index.ts';
import type { Database } from '../database.ts';
import { internalOperation, type OperationContext } from '../operation-context.ts';
import { runDelete } from '../writes/delete-statement.ts';
import { documentsExpireAfter } from './collection-options.ts';
import { isLocal } from './namespaces.ts';

/**
 * One pass over all TTL indexes; returns how many documents it has deleted. `mayGoOn` is asked
 * between slices. What is refused meanwhile, as after a step down, is left for the next pass.
 */
export async function expireDocuments(database: Database, mayGoOn: () => boolean): Promise<number> {
  let deleted = 0;
  for (const info of database.catalog.collections()) {
    if (isLocal(info.namespace)) continue;
    const expireAfter = documentsExpireAfter(info);
    const orderIndex = orderIndexOf(info);
    if (expireAfter !== undefined && orderIndex !== undefined) {
      if (!mayGoOn()) return deleted;
      const before = database.now() - expireAfter * 1000;
      deleted += await deleteBefore(database, untilStopped(mayGoOn), info, orderIndex, before);
    }
    for (const index of info.indexes) {
      const { expireAfterSeconds, kind } = factsOf(index);
      if (expireAfterSeconds === undefined || index.state !== 'ready') continue;
      // Keys of other kinds have no order of dates.
      if (kind.name !== 'ordered' || index.keyPattern.length > 1) continue;
      if (!mayGoOn()) return deleted;
      const before = database.now() - expireAfterSeconds * 1000;
      deleted += await deleteBefore(database, untilStopped(mayGoOn), info, index, before);
    }
  }
  return deleted;
}

function untilStopped(mayGoOn: () => boolean): OperationContext {
  const check = (): void => {
    if (!mayGoOn()) throw new MongoServerError('Interrupted', 'the TTL monitor was stopped');
  };
  return { ...internalOperation(), interrupt: { check } };
}

async function deleteBefore(
  database: Database,
  operation: OperationContext,
  info: CollectionInfo,
  index: IndexInfo,
  milliseconds: number,
): Promise<number> {
  const filterSpec = filterOf(index, new Date(milliseconds));
  try {
    const { deleted } = await runDelete(database, operation, {
      namespace: info.namespace,
      filterSpec,
      filter: parseFilter(filterSpec.buffer, filterSpec.start),
      multi: true,
      hint:
        factsOf(index).isHidden || isOwnIndex(index)
          ? undefined
          : { kind: 'name', name: index.name },
    });
    return deleted;
  } catch (error) {
    if (!(error instanceof MongoServerError)) throw error;
    return 0;
  }
}

/** Whom the index has under a date that is not after `last`. */
function filterOf({ keyPattern, spec }: IndexInfo, last: Date): RawValue {
  const path = keyPattern[0]?.path ?? '';
  const isOver = path.startsWith('$')
    ? { $expr: { $lte: [{ $getField: { $literal: path } }, last] } }
    : { [path]: { $lte: last } };
  const partial = findField(spec, 0, 'partialFilterExpression');
  const buffer =
    partial === undefined
      ? encodeDocument(isOver)
      : encodeDocument({ $and: [isOver, decodeDocument(partial.buffer, partial.start)] });
  return { buffer, type: BsonType.object, start: 0, end: buffer.length };
}
