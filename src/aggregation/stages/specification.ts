/** The fields of a stage's argument, with the errors of MongoDB's own parser. Null counts as absent. */
import { BsonType, ElementReader, typeAlias } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { elementsOf, textOf, type Value } from '../../expressions/index.ts';

export class Specification {
  readonly #stage: string;
  readonly #fields = new Map<string, Value>();

  /** Throws 40413 for a field that is there twice, 40415 for one that is not `known`. */
  constructor(stage: string, argument: Value, known: ReadonlySet<string>) {
    this.#stage = stage;
    const reader = new ElementReader(argument.buffer, argument.start);
    while (reader.next()) {
      const name = reader.name();
      if (!known.has(name)) {
        throw new MongoServerError(40415, `BSON field '${stage}.${name}' is an unknown field.`);
      }
      if (this.#fields.has(name)) {
        throw new MongoServerError(40413, `BSON field '${stage}.${name}' is a duplicate field`);
      }
      this.#fields.set(name, reader.value());
    }
  }

  /** Null counts as a value here. */
  value(name: string): Value | undefined {
    return this.#fields.get(name);
  }

  optionalText(name: string): string | undefined {
    const value = this.#typed(name, BsonType.string, 'string');
    return value && textOf(value);
  }

  /** Throws 40414 when there is none. */
  text(name: string): string {
    const text = this.optionalText(name);
    if (text !== undefined) return text;
    throw new MongoServerError(
      40414,
      `BSON field '${this.#stage}.${name}' is missing but a required field`,
    );
  }

  optionalDocument(name: string): Value | undefined {
    return this.#typed(name, BsonType.object, 'object');
  }

  /** The stages of a pipeline: objects. */
  optionalPipeline(name: string): readonly Value[] | undefined {
    const value = this.#fields.get(name);
    if (value === undefined) return undefined;
    if (value.type !== BsonType.array) {
      throw new MongoServerError('TypeMismatch', `'${name}' option must be specified as an array`);
    }
    const stages = elementsOf(value);
    if (stages.every(({ type }) => type === BsonType.object)) return stages;
    throw new MongoServerError(
      'TypeMismatch',
      `Each element of the '${name}' array must be an object`,
    );
  }

  #typed(name: string, type: number, expected: string): Value | undefined {
    const value = this.#fields.get(name);
    if (value === undefined || value.type === type) return value;
    if (value.type === BsonType.null || value.type === BsonType.undefined) return undefined;
    throw new MongoServerError(
      'TypeMismatch',
      `BSON field '${this.#stage}.${name}' is the wrong type '${typeAlias(value.type)}', expected type '${expected}'`,
    );
  }
}
