/** JavaScript of clients, for a member that is to run it. */
import type { ServerParameters } from '../commands/dispatch/server-parameters.ts';
import type { Database } from '../database/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { ScriptEngine, ScriptRealm } from '../scripting/index.ts';

/**
 * What one call may take, in milliseconds: the member does nothing else meanwhile, so it is far below
 * MongoDB's minute, and below the election timeout.
 */
const defaultCallLimitMs = 500;
const defaultHeapMegabytes = 100;

/** Nothing is started yet: the first function starts the engine. */
export function enableScripts(database: Database, parameters: ServerParameters): ScriptEngine {
  const callLimit = parameters.declare(
    'internalQueryJavaScriptFnTimeoutMillis',
    defaultCallLimitMs,
    positiveInteger('internalQueryJavaScriptFnTimeoutMillis'),
  );
  const heap = parameters.declare(
    'internalQueryJavaScriptHeapSizeLimitMB',
    defaultHeapMegabytes,
    positiveInteger('internalQueryJavaScriptHeapSizeLimitMB'),
  );
  const engine = new ScriptEngine({
    limitMs: () => callLimit.value,
    heapBytes: () => heap.value * 2 ** 20,
  });
  database.newScripts = (interrupt) =>
    new ScriptRealm(engine, interrupt && (() => interrupt.check()));
  return engine;
}

function positiveInteger(name: string): (value: unknown) => number {
  return (value) => {
    const number = Number(value);
    if (Number.isSafeInteger(number) && number > 0) return number;
    throw new MongoServerError(
      'BadValue',
      `Invalid value for parameter ${name}: ${String(value)} is not greater than or equal to 1`,
    );
  };
}
