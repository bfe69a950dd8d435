/** The functions of one operation, in a realm of their own. */
import type { RawValue } from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import type { ScriptEngine } from './script-engine.ts';
import { scriptInput } from './script-input.ts';
import { type Inputs, scriptOutput } from './script-output.ts';

type MaybeValue = RawValue | undefined;

/** A compiled function of a realm: the expressions room's ScriptFunction. */
interface RealmFunction {
  call(args: readonly MaybeValue[]): RawValue;
  test(document: RawValue): boolean;
}

/** How often a realm that made room for others is made anew within one call. */
const maxRevivals = 3;

export class ScriptRealm {
  readonly #engine: ScriptEngine;
  readonly #id: number;
  readonly #functions = new Map<string, RealmFunction>();
  /** Throws when the operation must end; asked now and then while a function runs. */
  readonly #check: (() => void) | undefined;

  constructor(engine: ScriptEngine, check?: () => void) {
    this.#engine = engine;
    this.#id = engine.newNumber();
    this.#check = check;
  }

  /** Throws JSInterpreterFailure for a syntax error, 10232 for what is no function. */
  compile(source: string): RealmFunction {
    const known = this.#functions.get(source);
    if (known !== undefined) return known;
    const id = this.#engine.newNumber();
    this.#compile(id, source);
    const run = (self: MaybeValue, args: readonly MaybeValue[], want: 'value' | 'test') => {
      const input = scriptInput(self, args);
      for (let revivals = 0; revivals <= maxRevivals; revivals++) {
        const output = this.#engine.call(this.#id, id, input, want, this.#check);
        if (output !== undefined) return given(output);
        // Other operations have used their realms since, and this one made room for theirs.
        this.#compile(id, source);
      }
      throw new MongoServerError('JSInterpreterFailure', 'the realm of the function is gone');
    };
    const made: RealmFunction = {
      call: (args) => {
        const inputs: Inputs = [undefined, args];
        return scriptOutput(run(undefined, args, 'value'), inputs);
      },
      test: (document) => run(document, [], 'test') === 'true',
    };
    this.#functions.set(source, made);
    return made;
  }

  #compile(id: number, source: string): void {
    const refused = this.#engine.compile(this.#id, id, source, this.#check);
    if (refused !== undefined) given(refused);
  }
}

/** What the function gave, as text. Throws what it threw. */
function given(output: string): string {
  if (output.startsWith('+')) return output.slice(1);
  let thrown: unknown;
  try {
    thrown = JSON.parse(output.slice(1));
  } catch {
    thrown = undefined;
  }
  const [kind, ...parts] = Array.isArray(thrown) ? thrown : ['error', 'uncaught exception'];
  if (kind === 'refused' && typeof parts[0] === 'number') {
    throw new MongoServerError(parts[0], String(parts[1]));
  }
  throw new MongoServerError(
    kind === 'primitive' ? 'UnknownError' : 'JSInterpreterFailure',
    String(parts[0]),
  );
}
