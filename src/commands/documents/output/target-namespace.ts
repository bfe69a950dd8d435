import type { PipelineOutput } from '../../../aggregation/index.ts';
import {
  checkDatabaseName,
  checkNamespace,
  isCapped,
  refuseTimeSeries,
  refuseView,
  splitNamespace,
} from '../../../database/index.ts';
import { MongoServerError } from '../../../errors/index.ts';
import type { CommandContext } from '../../command.ts';

/** Databases a server keeps its own things in. */
const internal: ReadonlySet<string> = new Set(['admin', 'config', 'local']);

/** Throws unless a pipeline may write there. */
export function targetNamespace(
  { database: own, collection, stage }: PipelineOutput,
  { dbName, database }: Pick<CommandContext, 'dbName' | 'database'>,
): string {
  const namespace = `${own ?? dbName}.${collection}`;
  try {
    checkDatabaseName(own ?? dbName);
    checkNamespace(namespace);
  } catch {
    throw new MongoServerError(
      'InvalidNamespace',
      `Invalid ${stage} target namespace, ${namespace}`,
    );
  }
  const [special, reserved] = stage === '$out' ? [17385, 31321] : [31319, 31320];
  if (collection.startsWith('system.')) {
    const can = stage === '$out' ? "Can't" : 'Cannot';
    throw new MongoServerError(special!, `${can} ${stage} to special collection: ${collection}`);
  }
  const { database: name } = splitNamespace(namespace);
  if (internal.has(name)) {
    const can = stage === '$out' ? "Can't" : 'Cannot';
    throw new MongoServerError(reserved!, `${can} ${stage} to internal database: ${name}`);
  }
  const { catalog, engine } = database;
  const existing = catalog.byNamespace(namespace);
  if (existing === undefined) refuseView({ catalog, reader: engine.latest }, namespace);
  else if (stage === '$merge') refuseTimeSeries(existing);
  else if (isCapped(existing)) {
    throw new MongoServerError(
      17152,
      `namespace '${namespace}' is capped so it can't be used for $out`,
    );
  }
  return namespace;
}
