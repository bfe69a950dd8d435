import type { RawValue } from '../bson/index.ts';
import { Variables, withLet } from '../expressions/index.ts';
import type { Database } from './database.ts';

/**
 * What the expressions of one command may name: its times, and its `let`. Made once for the command, so
 * that all its statements and batches run at one moment.
 */
export function variablesOf(database: Database, spec?: RawValue): Variables {
  const variables = new Variables(() => ({
    now: database.now(),
    clusterTime: database.replicated ? database.lastClusterTime : undefined,
  }));
  return withLet(variables, spec);
}
