/**
 * The options of an index specification: each checks its value and writes it in the form it is
 * stored in and listIndexes shows.
 */
import {
  BsonType,
  type DocumentWriter,
  decodeValue,
  documentText,
  ElementReader,
  type RawValue,
  typeAlias,
  valueText,
} from '../../bson/index.ts';
import { parseCollation } from '../../collation/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { factsOf, isWildcardPath, wildcardPaths } from '../../plan/index.ts';
import { parseFilter } from '../../query/index.ts';
import { indexFromSpec } from './index-spec.ts';
import { checkFilterContext, checkPartialFilter } from './partial-filter.ts';
import { numberOf } from './spec-values.ts';

const emptyDocumentLength = 5;

/** `key`: the key pattern of the index. */
type Option = (writer: DocumentWriter, name: string, value: RawValue, key: RawValue) => void;

function ignored(): void {}

function asGiven(writer: DocumentWriter, name: string, value: RawValue): void {
  writer.raw(name, value);
}

/** True, false or a number; undefined when it is none of them. */
function truthOf(value: RawValue): boolean | undefined {
  if (value.type === BsonType.bool) return value.buffer[value.start] !== 0;
  const number = numberOf(value);
  return number === undefined ? undefined : number !== 0;
}

function boolean(name: string, value: RawValue): boolean {
  const truth = truthOf(value);
  if (truth !== undefined) return truth;
  // The quotation mark that is not closed is MongoDB's.
  throw new MongoServerError(
    'TypeMismatch',
    `The field '${name} has value ${name}: ${valueText(value)}, which is not convertible to bool`,
  );
}

/** Stored only when it holds: without it is the default. */
function flag(writer: DocumentWriter, name: string, value: RawValue): void {
  if (boolean(name, value)) writer.bool(name, true);
}

function strictFlag(writer: DocumentWriter, name: string, value: RawValue): void {
  // That it names another field is MongoDB's slip.
  if (value.type !== BsonType.bool) throw wrongType('name', 'a bool', value);
  flag(writer, name, value);
}

function wrongType(name: string, expected: string, value: RawValue): MongoServerError {
  return new MongoServerError(
    'TypeMismatch',
    `The field '${name}' must be ${expected}, but got ${typeAlias(value.type)}`,
  );
}

function version(_writer: DocumentWriter, name: string, value: RawValue, key: RawValue): void {
  const number = numberOf(value);
  if (number === undefined) throw wrongType(name, 'a number', value);
  if (!Number.isInteger(number)) {
    throw new MongoServerError(
      'BadValue',
      `Index version must be representable as a 32-bit integer, but got ${valueText(value)}`,
    );
  }
  if (number === 1 && pathsOf(key).some(isWildcardPath)) {
    throw new MongoServerError(
      'CannotCreateIndex',
      "Index type 'wildcard' is not supported by index version 1",
    );
  }
  if (number === 1 || number === 2) return;
  throw new MongoServerError(
    'CannotCreateIndex',
    `Invalid index specification; cannot create an index with v=${number}`,
  );
}

function partialFilterExpression(writer: DocumentWriter, name: string, value: RawValue): void {
  if (value.type !== BsonType.object) throw wrongType(name, 'an object', value);
  checkFilterContext(value);
  parseFilter(value.buffer, value.start);
  writer.raw(name, value);
}

function wildcardProjection(
  writer: DocumentWriter,
  name: string,
  value: RawValue,
  key: RawValue,
): void {
  const paths = pathsOf(key);
  if (!paths.some(isWildcardPath)) {
    throw new MongoServerError(
      'BadValue',
      `The field '${name}' is only allowed in 'wildcard' indexes`,
    );
  }
  if (value.type !== BsonType.object) throw wrongType(name, 'a non-empty object', value);
  if (!paths.includes('$**')) {
    throw new MongoServerError(
      'FailedToParse',
      `The field '${name}' is only allowed when 'key' is {"$**": ±1}`,
    );
  }
  if (!new ElementReader(value.buffer, value.start).next()) {
    throw new MongoServerError('FailedToParse', `The '${name}' field can't be an empty object`);
  }
  wildcardPaths('$**', value);
  writer.raw(name, value);
}

function pathsOf(key: RawValue): string[] {
  const paths: string[] = [];
  const reader = new ElementReader(key.buffer, key.start);
  while (reader.next()) paths.push(reader.name());
  return paths;
}

/** Stored as an int32; checked with the key pattern, in `checkTimeToLive`. */
function expireAfterSeconds(writer: DocumentWriter, name: string, value: RawValue): void {
  const seconds = Math.trunc(numberOf(value) ?? 0);
  writer.int32(name, Number.isSafeInteger(seconds) ? seconds | 0 : 0);
}

/** Stored in its normal form; the simple collation is not stored. */
function collation(writer: DocumentWriter, name: string, value: RawValue): void {
  if (value.type !== BsonType.object) throw wrongType(name, 'an object', value);
  if (value.end - value.start === emptyDocumentLength) {
    throw new MongoServerError('BadValue', "The field 'collation' cannot be an empty object.");
  }
  const bytes = parseCollation(value)?.bytes;
  if (bytes === undefined) return;
  writer.raw(name, { buffer: bytes, type: BsonType.object, start: 0, end: bytes.length });
}

function gridLimit(writer: DocumentWriter, name: string, value: RawValue): void {
  const limit = numberOf(value);
  if (limit === undefined) throw wrongType(name, 'a number', value);
  writer.double(name, limit);
}

/** What they mean together `withTextFields` finds out. */
function weights(writer: DocumentWriter, name: string, value: RawValue): void {
  const known: readonly number[] = [BsonType.object, BsonType.array, BsonType.string];
  if (!known.includes(value.type)) throw wrongType(name, 'an object', value);
  writer.raw(name, value);
}

function string(writer: DocumentWriter, name: string, value: RawValue): void {
  if (value.type !== BsonType.string) throw wrongType(name, 'a string', value);
  writer.raw(name, value);
}

function number(writer: DocumentWriter, name: string, value: RawValue): void {
  if (numberOf(value) === undefined) throw wrongType(name, 'a number', value);
  writer.raw(name, value);
}

function gridBits(writer: DocumentWriter, name: string, value: RawValue): void {
  const bits = numberOf(value);
  if (bits === undefined) throw wrongType(name, 'a number', value);
  if (!(bits >= 1 && bits <= 32)) {
    throw new MongoServerError(
      'InvalidOptions',
      `bits for hash must be > 0 and <= 32, but ${bits} bits were specified`,
    );
  }
  writer.int32(name, Math.trunc(bits));
}

function sphereVersion(writer: DocumentWriter, name: string, value: RawValue): void {
  const version = numberOf(value);
  if (version === undefined) throw wrongType(name, 'a number', value);
  if (![1, 2, 3].includes(version)) {
    throw new MongoServerError(
      'CannotCreateIndex',
      `unsupported geo index version { ${name} : ${version} }, only support versions: [1,2,3]`,
    );
  }
  writer.int32(name, version);
}

/** An option that is not there yet, unless its value asks for nothing. */
function later(asksForSomething: (value: unknown) => boolean = () => true): Option {
  return (_writer, name, value) => {
    if (!asksForSomething(decodeValue(value))) return;
    throw new MongoServerError(
      'NotImplemented',
      `the index option '${name}' is not implemented yet`,
    );
  };
}

export const indexOptions: ReadonlyMap<string, Option> = new Map(
  Object.entries<Option>({
    v: version,
    // Written in front of the options.
    key: ignored,
    name: ignored,
    ns: ignored,
    dropDups: ignored,
    background: asGiven,
    unique: flag,
    sparse: flag,
    hidden: strictFlag,
    partialFilterExpression,
    prepareUnique: flag,
    expireAfterSeconds,
    collation,
    wildcardProjection,
    weights,
    default_language: string,
    language_override: string,
    textIndexVersion: number,
    '2dsphereIndexVersion': sphereVersion,
    bits: gridBits,
    min: gridLimit,
    max: gridLimit,
    storageEngine: later((value) => Object.keys((value as object | null) ?? {}).length > 0),
    clustered: later((value) => value !== false),
  }),
);

/** What the index on `_id` may say of itself. */
export const idIndexOptions: ReadonlySet<string> = new Set(['key', 'name', 'ns', 'v', 'collation']);

/** Options that are right, each for itself, and contradict each other, or the kind of the index. */
export function checkTogether(spec: Buffer): void {
  const { name, ...index } = indexFromSpec(0, spec);
  if (name === '') throw new MongoServerError('CannotCreateIndex', 'index name cannot be empty');
  const { isSparse, isUnique, isPreparedUnique, partialFilter } = factsOf(index);
  if (isUnique && isPreparedUnique) {
    throw new MongoServerError(
      'CannotCreateIndex',
      `Invalid index specification ${documentText(spec, 0)}; cannot create an index with the 'unique' option and the 'prepareUnique' option`,
    );
  }
  if (partialFilter === undefined) return;
  if (isSparse) {
    throw new MongoServerError(
      'CannotCreateIndex',
      'cannot mix "partialFilterExpression" and "sparse" options',
    );
  }
  checkPartialFilter(partialFilter);
}
