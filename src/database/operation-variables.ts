import type { Collation, RawValue } from '../bson/index.ts';
import { type Scripts, Variables, withLet } from '../expressions/index.ts';
import type { Database } from './database.ts';
import type { Interrupt } from './operation-context.ts';

/** An operation, as far as its JavaScript is concerned. */
export interface Interruptible {
  readonly interrupt: Interrupt;
}

/**
 * What the expressions of one command may name: its times, and its `let`. Made once for the command, so
 * that all its statements and batches run at one moment. With an operation, JavaScript ends when it does.
 */
export function variablesOf(
  database: Database,
  spec?: RawValue,
  collation?: Collation,
  operation?: Interruptible,
): Variables {
  const times = () => ({
    now: database.now(),
    clusterTime: database.replicated ? database.lastClusterTime : undefined,
  });
  const scripts = scriptsOf(database, operation);
  return withLet(new Variables(times, undefined, collation, scripts), spec);
}

/** The same for a count or distinct, which has no `let`, and where stock knows no times. */
export function variablesWithoutTimes(database: Database, operation: Interruptible): Variables {
  return new Variables(undefined, undefined, undefined, scriptsOf(database, operation));
}

/** One realm for the operation, made when it first has a function. */
function scriptsOf(
  { newScripts }: Database,
  operation: Interruptible | undefined,
): (() => Scripts) | undefined {
  if (newScripts === undefined) return undefined;
  let realm: Scripts | undefined;
  return () => {
    realm ??= newScripts(operation?.interrupt);
    return realm;
  };
}
