/**
 * `$accumulator`: an accumulator of a client's own making. Source: manual, "$accumulator".
 *
 * Its `merge` is for partial results of shards and of groups on disk. Here are none, so it is asked for,
 * as in MongoDB, and never called.
 */
import { BsonType, ElementReader, valueText } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { elementsOf } from '../elements.ts';
import {
  constant,
  type Expression,
  type ParseContext,
  type ParseExpression,
} from '../expression.ts';
import { type Scripts, scriptsOf } from '../scripts.ts';
import { arrayValue, type MaybeValue, ownValue, textOf, typeName, type Value } from '../value.ts';
import type { AccumulatorState, SpecialAccumulator } from './accumulator.ts';

/** Documents are handed over in batches: each call brings the whole state in and out. */
const batchDocuments = 100;
const batchBytes = 256 * 1024;

const accumulateAll =
  'function(state, batch, accumulate) { for (const args of batch) state = accumulate(state, ...args); return state; }';

/** The functions of an `$accumulator`, as sources. */
interface Sources {
  readonly init: string;
  readonly accumulate: Value;
  readonly finalize: string | undefined;
}

class ScriptState implements AccumulatorState {
  readonly #scripts: Scripts;
  readonly #sources: Sources;
  #state: Value;
  #batch: Value[] = [];
  #batchBytes = 0;

  constructor(scripts: Scripts, sources: Sources, initArgs: MaybeValue) {
    if (initArgs?.type !== BsonType.array) {
      throw new MongoServerError(
        4544711,
        `$accumulator initArgs must evaluate to an array: ${shown(initArgs)}`,
      );
    }
    this.#scripts = scripts;
    this.#sources = sources;
    this.#state = scripts.compile(sources.init).call(elementsOf(initArgs));
  }

  get heldBytes(): number {
    return this.#batchBytes + this.#state.end - this.#state.start;
  }

  add(args: MaybeValue): void {
    if (args?.type !== BsonType.array) {
      throw new MongoServerError(
        4544712,
        `$accumulator accumulateArgs must evaluate to an array: ${shown(args)}`,
      );
    }
    this.#batch.push(ownValue(args));
    this.#batchBytes += args.end - args.start;
    if (this.#batch.length >= batchDocuments || this.#batchBytes >= batchBytes) this.#run();
  }

  result(): Value {
    this.#run();
    const { finalize } = this.#sources;
    return finalize === undefined
      ? this.#state
      : this.#scripts.compile(finalize).call([this.#state]);
  }

  #run(): void {
    if (this.#batch.length === 0) return;
    const args = [this.#state, arrayValue(this.#batch), this.#sources.accumulate];
    this.#batch = [];
    this.#batchBytes = 0;
    this.#state = this.#scripts.compile(accumulateAll).call(args);
  }
}

export const custom: SpecialAccumulator = {
  kind: 'special',
  name: '$accumulator',
  parse(argument, context, parse) {
    if (argument.type !== BsonType.object) {
      throw new MongoServerError(
        4544703,
        `$accumulator expects an object as an argument; found: ${typeName(argument)}`,
      );
    }
    const sources = new Map<string, string>();
    let initArgs: Expression = constant(arrayValue([]));
    let accumulateArgs: Expression | undefined;
    const reader = new ElementReader(argument.buffer, argument.start);
    while (reader.next()) {
      const name = reader.name();
      const value = reader.value();
      if (functionNames.has(name)) sources.set(name, sourceOf(name, value, context, parse));
      else if (name === 'initArgs') initArgs = parse(value, context);
      else if (name === 'accumulateArgs') accumulateArgs = parse(value, context);
      else if (name === 'lang') checkLanguage(value);
      else {
        throw new MongoServerError(4544706, `$accumulator got an unexpected field: ${name}`);
      }
    }
    const required = (name: string, code: number): string => {
      const source = sources.get(name);
      if (source !== undefined && source !== '') return source;
      throw missing(name, code);
    };
    const init = required('init', 4544707);
    const accumulate = codeOf(required('accumulate', 4544708));
    required('merge', 4544709);
    if (accumulateArgs === undefined) throw missing('accumulateArgs', 4544710);
    const found: Sources = { init, accumulate, finalize: sources.get('finalize') };
    const { variables } = context;
    return {
      argument: accumulateArgs,
      start: (group) => new ScriptState(scriptsOf(variables), found, initArgs.evaluate(group)),
    };
  },
};

const functionNames: ReadonlySet<string> = new Set(['init', 'accumulate', 'merge', 'finalize']);

function sourceOf(
  name: string,
  value: Value,
  context: ParseContext,
  parse: ParseExpression,
): string {
  const expression = parse(value, context);
  if (!expression.isConstant) {
    throw new MongoServerError(4544701, `$accumulator '${name}' must be a constant expression`);
  }
  const source = expression.evaluate(undefined as never);
  if (source?.type !== BsonType.string && source?.type !== BsonType.javascript) {
    throw new MongoServerError(4544702, `$accumulator '${name}' must be a String or Code`);
  }
  return textOf(source);
}

function checkLanguage(value: Value): void {
  if (value.type !== BsonType.string) {
    throw new MongoServerError(
      4544704,
      `$accumulator lang must be a string; found: ${typeName(value)}`,
    );
  }
  if (textOf(value) !== 'js') {
    throw new MongoServerError(4544705, "$accumulator only supports lang: 'js'");
  }
}

/** A function as a value: the realm makes a function of it again. */
function codeOf(source: string): Value {
  const text = Buffer.from(`....${source}\0`);
  text.writeInt32LE(text.length - 4, 0);
  return { buffer: text, type: BsonType.javascript, start: 0, end: text.length };
}

function missing(name: string, code: number): MongoServerError {
  return new MongoServerError(code, `$accumulator missing required argument '${name}'`);
}

function shown(value: MaybeValue): string {
  return value === undefined ? 'MISSING' : valueText(value);
}
