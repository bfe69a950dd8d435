/**
 * A command as it came: the body document and the document sequences beside it, with getters that
 * check types and answer in the words of MongoDB's own parser. Nothing is copied: the values are
 * ranges of the message and live as long as it does.
 *
 * The bytes were validated before (framing by `wire`, documents by `validateDocument`). Like in
 * MongoDB, null and undefined count as absent for optional fields.
 */
import { BsonType, decodeValue, ElementReader, type RawValue } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { arrayValues, numberOf, textOf, truthOf, typeName, wholeNumberOf } from './field-values.ts';
import { genericFields } from './generic-fields.ts';
import { namespaceOf } from './namespace-of.ts';
import { readUuid } from './uuid-field.ts';

/** A kind 1 section of OP_MSG. */
export interface DocumentSequence {
  readonly identifier: string;
  readonly documents: readonly RawValue[];
}

/** With more fields than these a table finds them by name. */
const searchedFieldsMax = 24;

/** One of 32 bits, by the length and three letters of a name. */
function nameBit(name: string): number {
  const { length } = name;
  if (length < 3) return 1;
  const letters = name.charCodeAt(0) + name.charCodeAt(2) * 3 + name.charCodeAt(length - 1) * 5;
  return 1 << ((letters + length) & 31);
}

const numberTypes = "'[long, int, decimal, double']";

export class CommandBody {
  readonly buffer: Buffer;
  readonly start: number;
  /** The command as the client spelled it: the name of the first element. */
  readonly name: string;
  readonly sequences: readonly DocumentSequence[];
  /** Few, and compared with names that the table of `internName` has too: cheaper than a map. */
  readonly #names: string[] = [];
  readonly #values: RawValue[] = [];
  /** The `nameBit` of every name. A command is asked for many fields that it does not have. */
  #nameBits = 0;
  #positions: Map<string, number> | undefined;
  #database = '';
  #collectionName: string | undefined;

  /** Throws when there is no first element or a field comes twice. */
  constructor(buffer: Buffer, start: number, sequences: readonly DocumentSequence[] = []) {
    this.buffer = buffer;
    this.start = start;
    this.sequences = sequences;
    const reader = new ElementReader(buffer, start);
    while (reader.next()) this.#add(reader.name(), reader.value());
    const name = this.#names[0];
    if (name === undefined) {
      throw new MongoServerError('FailedToParse', 'Empty input document was passed to command');
    }
    this.name = name;
    for (const { identifier } of sequences) {
      if (this.#positionOf(identifier) >= 0) throw this.#duplicate(identifier);
    }
  }

  #add(field: string, value: RawValue): void {
    if (this.#positionOf(field) >= 0) throw this.#duplicate(field);
    const position = this.#names.push(field) - 1;
    this.#values.push(value);
    this.#nameBits |= nameBit(field);
    if (this.#positions !== undefined) this.#positions.set(field, position);
    else if (position === searchedFieldsMax) {
      this.#positions = new Map(this.#names.map((name, at) => [name, at]));
    }
  }

  /** -1: there is no such field. */
  #positionOf(field: string): number {
    if ((this.#nameBits & nameBit(field)) === 0) return -1;
    if (this.#positions !== undefined) return this.#positions.get(field) ?? -1;
    const names = this.#names;
    for (let at = 0; at < names.length; at++) if (names[at] === field) return at;
    return -1;
  }

  #duplicate(field: string): MongoServerError {
    return new MongoServerError(
      40413,
      `BSON field '${this.#names[0]}.${field}' is a duplicate field`,
    );
  }

  /** `$db`; set by dispatch for OP_QUERY, which carries it in its namespace. */
  get database(): string {
    return this.#database;
  }

  set database(name: string) {
    this.#database = name;
  }

  /** Length of the body document in bytes. */
  get byteLength(): number {
    return this.buffer.readInt32LE(this.start);
  }

  fieldNames(): readonly string[] {
    return this.#names;
  }

  /** A field any command may carry, such as `lsid`. */
  isGeneric(field: string): boolean {
    return genericFields.has(field);
  }

  has(field: string): boolean {
    if (this.#positionOf(field) >= 0) return true;
    for (const { identifier } of this.sequences) if (identifier === field) return true;
    return false;
  }

  /** The value as it came, null included. */
  value(field: string): RawValue | undefined {
    const position = this.#positionOf(field);
    return position < 0 ? undefined : this.#values[position];
  }

  /** Undefined when the field is absent, null or undefined. */
  #present(field: string): RawValue | undefined {
    const value = this.value(field);
    return value === undefined || value.type === BsonType.null || value.type === BsonType.undefined
      ? undefined
      : value;
  }

  // -- the first element ------------------------------------------------------------------------

  /** The first element names a collection; the result is the whole namespace. */
  namespace(): string {
    return namespaceOf(this.#database, this.collectionName());
  }

  collectionName(): string {
    this.#collectionName ??= this.#readCollectionName();
    return this.#collectionName;
  }

  /** Like `namespace`; cursors of list commands have namespaces no collection has. */
  cursorNamespace(): string {
    const [value] = this.#values;
    if (value?.type !== BsonType.string || !textOf(value).startsWith('$cmd.')) {
      return this.namespace();
    }
    return `${this.#database}.${textOf(value)}`;
  }

  #readCollectionName(): string {
    const value = this.#values[0];
    if (value === undefined || (value.type !== BsonType.string && value.type !== BsonType.symbol)) {
      throw new MongoServerError(
        'InvalidNamespace',
        `collection name has invalid type ${typeName(value?.type ?? BsonType.null)}`,
      );
    }
    const collection = textOf(value);
    if (collection.length === 0 || /^[.$]|\0/.test(collection)) {
      throw new MongoServerError(
        'InvalidNamespace',
        `Invalid namespace specified '${this.#database}.${collection}'`,
      );
    }
    return collection;
  }

  // -- typed getters ----------------------------------------------------------------------------

  optionalString(field: string): string | undefined {
    const value = this.#present(field);
    if (value === undefined) return undefined;
    if (value.type !== BsonType.string) throw this.wrongType(field, value.type, "'string'");
    return textOf(value);
  }

  requireString(field: string): string {
    return this.optionalString(field) ?? this.#missing(field);
  }

  /** Any number counts as a bool, as in MongoDB. */
  optionalBool(field: string): boolean | undefined {
    const value = this.#present(field);
    if (value === undefined) return undefined;
    const truth = truthOf(value);
    if (truth === undefined) {
      throw this.wrongType(field, value.type, "'[bool, long, int, decimal, double']");
    }
    return truth;
  }

  /** Only a real bool. */
  optionalStrictBool(field: string): boolean | undefined {
    const value = this.#present(field);
    if (value === undefined) return undefined;
    if (value.type !== BsonType.bool) throw this.wrongType(field, value.type, "'bool'");
    return value.buffer[value.start] !== 0;
  }

  /** Any numeric type as an integer, see `wholeNumberOf`. */
  optionalInt(
    field: string,
    range: { minimum?: number; maximum?: number } = {},
  ): number | undefined {
    const value = this.#present(field);
    if (value === undefined) return undefined;
    const whole = wholeNumberOf(value);
    if (whole === undefined) throw this.wrongType(field, value.type, numberTypes);
    if (range.minimum !== undefined && whole < range.minimum) {
      throw new MongoServerError(
        'BadValue',
        `BSON field '${field}' value must be >= ${range.minimum}, actual value '${whole}'`,
      );
    }
    if (range.maximum !== undefined && whole > range.maximum) {
      throw new MongoServerError(
        'BadValue',
        `BSON field '${field}' value must be <= ${range.maximum}, actual value '${whole}'`,
      );
    }
    return whole;
  }

  /** maxTimeMS in milliseconds: a whole number that fits in an int32. */
  optionalMaxTime(): number | undefined {
    const value = this.#present('maxTimeMS');
    const number = value && numberOf(value);
    const isBeyondLong = value?.type === BsonType.decimal && Math.abs(number ?? 0) >= 2 ** 63;
    if (number !== undefined && (!Number.isInteger(number) || isBeyondLong)) {
      throw new MongoServerError('FailedToParse', 'maxTimeMS has non-integral value');
    }
    return this.optionalInt('maxTimeMS', { minimum: 0, maximum: 0x7fff_ffff });
  }

  requireInt(field: string, range: { minimum?: number; maximum?: number } = {}): number {
    return this.optionalInt(field, range) ?? this.#missing(field);
  }

  /** Exact 64-bit integer of an int, long or whole double (cursor ids, txnNumber). */
  optionalLong(field: string): bigint | undefined {
    const value = this.#present(field);
    if (value === undefined) return undefined;
    if (value.type === BsonType.long) return value.buffer.readBigInt64LE(value.start);
    const number = numberOf(value);
    if (number === undefined) throw this.wrongType(field, value.type, numberTypes);
    return Number.isFinite(number) ? BigInt(Math.trunc(number)) : 0n;
  }

  requireLong(field: string): bigint {
    return this.optionalLong(field) ?? this.#missing(field);
  }

  /** A UUID's 16 bytes. */
  optionalUuid(field: string): Buffer | undefined {
    const value = this.#present(field);
    return value && readUuid(value, () => this.wrongType(field, value.type, "'uuid'"));
  }

  optionalDocument(field: string): RawValue | undefined {
    const value = this.#present(field);
    if (value === undefined) return undefined;
    if (value.type !== BsonType.object) throw this.wrongType(field, value.type, "'object'");
    return value;
  }

  requireDocument(field: string): RawValue {
    return this.optionalDocument(field) ?? this.#missing(field);
  }

  optionalArray(field: string): RawValue | undefined {
    const value = this.#present(field);
    if (value === undefined) return undefined;
    if (value.type !== BsonType.array) throw this.wrongType(field, value.type, "'array'");
    return value;
  }

  requireArray(field: string): RawValue {
    return this.optionalArray(field) ?? this.#missing(field);
  }

  /** The documents of an array field or of the document sequence of this name, in order. */
  optionalDocuments(field: string): readonly RawValue[] | undefined {
    for (const sequence of this.sequences) {
      if (sequence.identifier === field) return sequence.documents;
    }
    const array = this.optionalArray(field);
    if (array === undefined) return undefined;
    const documents: RawValue[] = [];
    for (const value of arrayValues(array)) {
      if (value.type !== BsonType.object) {
        throw this.wrongType(`${field}.${documents.length}`, value.type, "'object'");
      }
      documents.push(value);
    }
    return documents;
  }

  documents(field: string): readonly RawValue[] {
    return this.optionalDocuments(field) ?? this.#missing(field);
  }

  /** A small field as a JavaScript value, for options that are not on the data path. */
  decode(field: string): unknown {
    const value = this.value(field);
    if (value === undefined) return undefined;
    try {
      return decodeValue(value);
    } catch (error) {
      if (error instanceof MongoServerError) throw error;
      // The classes of the `bson` package refuse some values, e.g. options of a regex.
      throw new MongoServerError('BadValue', `${this.#qualified(field)}: ${messageOf(error)}`);
    }
  }

  // -- errors -----------------------------------------------------------------------------------

  /** Whether every field is one of these, generic, or the command's name. */
  hasOnly(known: ReadonlySet<string>): boolean {
    if (this.sequences.length > 0) return false;
    const names = this.#names;
    for (let at = 1; at < names.length; at++) {
      const field = names[at]!;
      if (!known.has(field) && !genericFields.has(field)) return false;
    }
    return true;
  }

  /** Throws for the first field that is neither known, generic, nor the command's name. */
  rejectUnknown(known: ReadonlySet<string> | readonly string[]): void {
    const set = known instanceof Set ? known : new Set(known as readonly string[]);
    const names = this.#names;
    for (let at = 1; at < names.length; at++) {
      const field = names[at]!;
      if (!set.has(field) && !genericFields.has(field)) throw this.unknownField(field);
    }
    for (const { identifier } of this.sequences) {
      if (!set.has(identifier)) throw this.unknownField(identifier);
    }
  }

  unknownField(field: string): MongoServerError {
    return new MongoServerError(
      40415,
      `BSON field '${this.#qualified(field)}' is an unknown field.`,
    );
  }

  /** Of a field that is not in the version of the Stable API that the client wants strictly. */
  unstableField(field: string): MongoServerError {
    return new MongoServerError(
      'APIStrictError',
      `BSON field '${this.#qualified(field)}' is not allowed with apiStrict:true.`,
    );
  }

  /** `expected` as MongoDB prints it: `'string'`, or `'[bool, int']` for several, in this order of marks. */
  wrongType(field: string, actual: number, expected: string): MongoServerError {
    const several = expected.startsWith("'[");
    return new MongoServerError(
      'TypeMismatch',
      `BSON field '${this.#qualified(field)}' is the wrong type '${typeName(actual)}', expected type${several ? 's' : ''} ${expected}`,
    );
  }

  missing(field: string): MongoServerError {
    return new MongoServerError(
      40414,
      `BSON field '${this.#qualified(field)}' is missing but a required field`,
    );
  }

  #missing(field: string): never {
    throw this.missing(field);
  }

  /** MongoDB reads a find under the name of its structure, every other command under its own. */
  #qualified(field: string): string {
    return `${this.name === 'find' ? 'FindCommandRequest' : this.name}.${field}`;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
