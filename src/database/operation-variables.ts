import type { Collation, RawValue } from '../bson/index.ts';
import { Variables, withLet } from '../expressions/index.ts';
import type { Database } from './database.ts';

/**
 * What the expressions of one command may name: its times, and its `let`. Made once for the command, so
 * that all its statements and batches run at one moment.
 */
export function variablesOf(database: Database, spec?: RawValue, collation?: Collation): Variables {
  const times = () => ({
    now: database.now(),
    clusterTime: database.replicated ? database.lastClusterTime : undefined,
  });
  const variables = new Variables(times, undefined, collation);
  return withLet(variables, spec);
}
