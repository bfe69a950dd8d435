/**
 * Where `$out` writes until it has all: collections named as MongoDB names them. One that lost its writer,
 * because a member was killed or stepped down meanwhile, is dropped by the next primary.
 */
import { MongoServerError } from '../../errors/index.ts';
import type { Database } from '../database.ts';
import { internalOperation } from '../operation-context.ts';
import { dropCollection } from './collections.ts';
import { splitNamespace } from './namespaces.ts';

const pattern = /^tmp\.agg_out\.[0-9a-f]{32}$/;

/**
 * Runs `fill` with the name of a collection to be, which it gives another name at its end. If it fails the collection is dropped: at once, also
 * when the operation was ended; by the next primary when this member is none any more.
 */
export async function withOutputCollection(
  database: Database,
  databaseName: string,
  fill: (namespace: string) => Promise<void>,
): Promise<void> {
  const namespace = `${databaseName}.tmp.agg_out.${database.newUuid().toString('hex')}`;
  database.outputsInProgress.add(namespace);
  try {
    await fill(namespace);
  } catch (error) {
    await dropIfWritable(database, namespace);
    throw error;
  } finally {
    database.outputsInProgress.delete(namespace);
  }
}

/** For a primary: drops what nobody fills any more. */
export async function dropAbandonedOutputs(database: Database): Promise<void> {
  for (const { namespace } of [...database.catalog.collections()]) {
    if (!pattern.test(splitNamespace(namespace).collection)) continue;
    if (database.outputsInProgress.has(namespace)) continue;
    await dropCollection(database, internalOperation(), namespace);
  }
}

async function dropIfWritable(database: Database, namespace: string): Promise<void> {
  try {
    await dropCollection(database, internalOperation(), namespace);
  } catch (error) {
    if (!(error instanceof MongoServerError)) throw error;
  }
}
