/**
 * The fields of one element of a command's array (`update.updates`), with the errors of MongoDB's
 * own parser. Null and undefined count as absent.
 */
import { BsonType, ElementReader, type RawValue } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { truthOf, typeName, wholeNumberOf } from './field-values.ts';
import { readUuid } from './uuid-field.ts';

export class NestedFields {
  readonly #path: string;
  readonly #fields = new Map<string, RawValue>();

  /** `path` is how messages name the array, e.g. `update.updates`. */
  constructor(path: string, document: RawValue, known: ReadonlySet<string>) {
    this.#path = path;
    const reader = new ElementReader(document.buffer, document.start);
    while (reader.next()) {
      const name = reader.name();
      if (!known.has(name)) {
        throw new MongoServerError(40415, `BSON field '${path}.${name}' is an unknown field.`);
      }
      if (reader.type !== 10 && reader.type !== 6) this.#fields.set(name, reader.value());
    }
  }

  value(name: string): RawValue | undefined {
    return this.#fields.get(name);
  }

  requireDocument(name: string): RawValue {
    return this.optionalDocument(name) ?? this.missing(name);
  }

  optionalDocument(name: string): RawValue | undefined {
    return this.#typed(name, 3, "'object'");
  }

  optionalArray(name: string): RawValue | undefined {
    return this.#typed(name, 4, "'array'");
  }

  optionalString(name: string): string | undefined {
    const value = this.#typed(name, 2, "'string'");
    return value?.buffer.toString('utf8', value.start + 4, value.end - 1);
  }

  requireString(name: string): string {
    return this.optionalString(name) ?? this.missing(name);
  }

  optionalBool(name: string): boolean | undefined {
    const value = this.#fields.get(name);
    if (value === undefined) return undefined;
    const truth = truthOf(value);
    if (truth === undefined)
      throw this.#wrongType(name, value, "'[bool, long, int, decimal, double']");
    return truth;
  }

  /** Only a real bool. */
  optionalStrictBool(name: string): boolean | undefined {
    const value = this.#typed(name, BsonType.bool, "'bool'");
    return value === undefined ? undefined : value.buffer[value.start] === 1;
  }

  /** A hint, whose type is checked here and whose meaning by the planner. */
  optionalHint(): RawValue | undefined {
    const value = this.#fields.get('hint');
    if (value === undefined || value.type === BsonType.string || value.type === BsonType.object) {
      return value;
    }
    throw new MongoServerError('FailedToParse', 'Hint must be a string or an object');
  }

  optionalNumber(name: string): number | undefined {
    const value = this.#fields.get(name);
    if (value === undefined) return undefined;
    const number = wholeNumberOf(value);
    if (number === undefined) throw this.#wrongType(name, value, "'[long, int, decimal, double']");
    return number;
  }

  /** A UUID's 16 bytes. */
  optionalUuid(name: string): Buffer | undefined {
    const value = this.#fields.get(name);
    return value && readUuid(value, () => this.#wrongType(name, value, "'uuid'"));
  }

  missing(name: string): never {
    throw new MongoServerError(
      40414,
      `BSON field '${this.#path}.${name}' is missing but a required field`,
    );
  }

  #typed(name: string, type: number, expected: string): RawValue | undefined {
    const value = this.#fields.get(name);
    if (value !== undefined && value.type !== type) throw this.#wrongType(name, value, expected);
    return value;
  }

  #wrongType(name: string, value: RawValue, expected: string): MongoServerError {
    const several = expected.startsWith("'[");
    return new MongoServerError(
      'TypeMismatch',
      `BSON field '${this.#path}.${name}' is the wrong type '${typeName(value.type)}', expected type${several ? 's' : ''} ${expected}`,
    );
  }
}
