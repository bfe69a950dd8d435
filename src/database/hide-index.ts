import { DocumentWriter, ElementReader, findField } from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { existingCollection } from './collections.ts';
import type { Database } from './database.ts';
import { respecifyIndexIn } from './definitions.ts';
import { indexesWithKey } from './index-spec.ts';
import type { OperationContext } from './operation-context.ts';
import type { Writer } from './writer.ts';

/** One index: its name, or its key pattern as a document `{key: pattern, name: ''}`. */
export type IndexIdentifier = string | Buffer;

/**
 * Hides an index from the planner, or shows it again; it is kept up in either case. Returns whether
 * it was hidden. Throws IndexNotFound, and BadValue for the one on `_id`.
 */
export async function hideIndex(
  database: Database,
  operation: OperationContext,
  namespace: string,
  identifier: IndexIdentifier,
  hidden: boolean,
): Promise<boolean> {
  const { result } = await database.write(operation, namespace, (writer) => {
    const { info, index } = identifiedIndex(writer, namespace, identifier);
    if (index.isIdIndex) throw new MongoServerError('BadValue', "can't hide _id index");
    const wasHidden = isHidden(index.spec);
    if (wasHidden !== hidden) respecifyIndexIn(writer, info, index, withHidden(index.spec, hidden));
    return wasHidden;
  });
  return result;
}

/** The index that is meant, for whoever only asks. */
export function identifiedIndex(
  { catalog }: Pick<Writer, 'catalog'>,
  namespace: string,
  identifier: IndexIdentifier,
) {
  const info = existingCollection(catalog, namespace);
  const [index] =
    typeof identifier === 'string'
      ? info.indexes.filter(({ name }) => name === identifier)
      : indexesWithKey(info.indexes, identifier);
  if (index === undefined) {
    throw new MongoServerError('IndexNotFound', `cannot find index for ns ${namespace}`);
  }
  return { info, index };
}

function isHidden(spec: Buffer): boolean {
  return findField(spec, 0, 'hidden') !== undefined;
}

/** A hidden index has `hidden: true` last, another one has no such field. */
function withHidden(spec: Buffer, hidden: boolean): Buffer {
  const writer = new DocumentWriter();
  writer.startDocument();
  const reader = new ElementReader(spec, 0);
  while (reader.next()) {
    if (reader.name() !== 'hidden') writer.raw(reader.name(), reader.value());
  }
  if (hidden) writer.bool('hidden', true);
  writer.end();
  return writer.finish();
}
