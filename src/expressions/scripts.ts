/** What expressions need of the sandbox that runs JavaScript of clients, in the words of this room. */
import { MongoServerError } from '../errors/index.ts';
import type { MaybeValue, Value } from './value.ts';
import type { Variables } from './variables.ts';

/** A client's function, compiled. Errors are MongoServerErrors: 139 JSInterpreterFailure and others. */
export interface ScriptFunction {
  /** What it gives for these arguments, with an empty `this`. */
  call(args: readonly MaybeValue[]): Value;
  /** Whether what it gives is true, with a document as `this` and as the global `obj`. */
  test(document: Value): boolean;
}

/** The realm of one operation: its functions see each other's globals. */
export interface Scripts {
  /** `source` is a function, an expression or statements. Compiled once for each source. */
  compile(source: string): ScriptFunction;
}

/** The realm of the operation. Throws where the server runs no JavaScript. */
export function scriptsOf(variables: Variables): Scripts {
  const { scripts } = variables;
  if (scripts !== undefined) return scripts;
  throw new MongoServerError(
    31264,
    'Cannot run server-side javascript without the javascript engine enabled',
  );
}
