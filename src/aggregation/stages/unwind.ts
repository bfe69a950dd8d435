import { BsonType, DocumentWriter, ElementReader } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import {
  elementsOf,
  isNullish,
  longValue,
  type MaybeValue,
  nullValue,
  splitPath,
  textOf,
  type Value,
} from '../../expressions/index.ts';
import { Stage, Work, type WorkResult } from '../../plan/index.ts';

import { valueAt, writeWith } from '../nested-field.ts';
import type { StageDefinition, UnwindOptions } from '../pipeline-stage.ts';

/** Keeps the document from below while its elements come out one by one; copies nothing else. */
class UnwindStage extends Stage {
  readonly name = '$unwind';
  readonly #source: Stage;
  readonly #options: UnwindOptions;
  /** The document being unwound (own bytes) and the elements still to come. */
  #document = Buffer.alloc(0);
  #elements: readonly Value[] = [];
  #next = 0;

  constructor(source: Stage, options: UnwindOptions) {
    super([source]);
    this.#source = source;
    this.#options = options;
  }

  work(): WorkResult {
    if (this.#next < this.#elements.length) {
      const at = this.#next++;
      this.#emit(this.#document, 0, this.#elements[at], at);
      return Work.advanced;
    }
    const source = this.#source;
    const result = source.work();
    if (result !== Work.advanced) return result;
    const value = valueAt(source.buffer, source.start, this.#options.path);
    if (value?.type === BsonType.array && value.end - value.start > 5) {
      const length = source.buffer.readInt32LE(source.start);
      this.#document = Buffer.from(source.buffer.subarray(source.start, source.start + length));
      this.#elements = elementsOf(valueAt(this.#document, 0, this.#options.path)!);
      this.#next = 0;
      return Work.needTime;
    }
    if (value === undefined || value.type === BsonType.array || isNullish(value)) {
      if (!this.#options.keepsEmpty) return Work.needTime;
      // An empty array is taken out of the document, null stays.
      this.#emit(source.buffer, source.start, isNullish(value) ? value : undefined, undefined);
      return Work.advanced;
    }
    this.#emit(source.buffer, source.start, value, undefined);
    return Work.advanced;
  }

  #emit(buffer: Buffer, start: number, value: MaybeValue, index: number | undefined): void {
    const writer = new DocumentWriter();
    writer.startDocument();
    writeWith(writer, buffer, start, this.#options.path, value, false);
    writer.end();
    this.buffer = writer.finish();
    this.start = 0;
    this.metadata = this.#source.metadata;
    const { indexField } = this.#options;
    if (indexField !== undefined) {
      const number = index === undefined ? nullValue : longValue(BigInt(index));
      const outer = new DocumentWriter();
      outer.startDocument();
      writeWith(outer, this.buffer, 0, indexField, number, true);
      outer.end();
      this.buffer = outer.finish();
    }
    this.stats.advanced++;
  }
}

/** `$unwind`: one document for each element of an array. */
export const unwind: StageDefinition = {
  name: '$unwind',
  parse(argument) {
    const unwind = parseOptions(argument);
    return {
      name: '$unwind',
      argument,
      unwind,
      build: (source) => new UnwindStage(source!, unwind),
    };
  },
};

function parseOptions(argument: Value): UnwindOptions {
  let path: string | undefined;
  let indexField: readonly string[] | undefined;
  let keepsEmpty = false;
  if (argument.type === BsonType.string) path = textOf(argument);
  else if (argument.type === BsonType.object) {
    const reader = new ElementReader(argument.buffer, argument.start);
    while (reader.next()) {
      const value = reader.value();
      switch (reader.name()) {
        case 'path':
          if (value.type !== BsonType.string) {
            throw new MongoServerError(28808, 'expected a string as the path for $unwind stage');
          }
          path = textOf(value);
          break;
        case 'preserveNullAndEmptyArrays':
          if (value.type !== BsonType.bool) {
            throw new MongoServerError(
              28809,
              'expected a boolean for the preserveNullAndEmptyArrays option to $unwind stage',
            );
          }
          keepsEmpty = value.buffer[value.start] === 1;
          break;
        case 'includeArrayIndex': {
          const text = value.type === BsonType.string ? textOf(value) : '';
          if (text === '') {
            throw new MongoServerError(
              28810,
              'expected a non-empty string for the includeArrayIndex option to $unwind stage',
            );
          }
          if (text.startsWith('$')) {
            throw new MongoServerError(
              28822,
              `includeArrayIndex option to $unwind stage should not be prefixed with a '$': ${text}`,
            );
          }
          indexField = splitPath(text);
          break;
        }
        default:
          throw new MongoServerError(
            28811,
            `unrecognized option to $unwind stage: ${reader.name()}`,
          );
      }
    }
  } else {
    throw new MongoServerError(
      15981,
      'expected either a string or an object as specification for $unwind stage',
    );
  }
  if (path === undefined || path === '') {
    throw new MongoServerError(28812, 'no path specified to $unwind stage');
  }
  if (!path.startsWith('$')) {
    throw new MongoServerError(
      28818,
      `path option to $unwind stage should be prefixed with a '$': ${path}`,
    );
  }
  return { path: splitPath(path.slice(1)), indexField, keepsEmpty };
}
