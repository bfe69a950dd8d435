/** What a client may ask for in `createIndexes`, checked option by option. */
import {
  BsonType,
  DocumentWriter,
  ElementReader,
  findField,
  type RawValue,
  typeAlias,
  valueText,
} from '../../bson/index.ts';
import { type CodeName, MongoServerError } from '../../errors/index.ts';
import { factsOf, kindOf } from '../../plan/index.ts';
import { checkKeyPattern } from './index-key-pattern.ts';
import { checkTogether, idIndexOptions, indexOptions } from './index-options.ts';
import { indexFromSpec, keyOf, keyPatternOf } from './index-spec.ts';
import { isIdKeyDocument, numberOf } from './spec-values.ts';
import { withTextFields } from './text-index-spec.ts';

/**
 * A client's specification, checked and in the form it is stored in: `v` first, `ns` gone. Throws
 * CannotCreateIndex, InvalidIndexSpecificationOption, NotImplemented and so on, in the order in which
 * MongoDB finds the faults: each option for itself, what the index on `_id` may say, the options
 * together. With `ignoresUnknown` what is no option is left out. Its messages quote the specification, those of the later checks with `v: 2` behind it.
 */
export function normalizeSpec(given: RawValue, ignoresUnknown = false): Buffer {
  const request = ignoresUnknown ? withoutUnknown(given) : given;
  const spec = withTextFields(quoting(request, () => normalized(request)));
  const full = withVersion(request);
  checkIdentity(spec, full);
  checkTimeToLive(request);
  quoting(full, () => checkTogether(spec));
  checkKind(spec);
  return spec;
}

function quoting<T>(request: RawValue, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof MongoServerError)) throw error;
    throw withCause(error, `Error in specification ${valueText(request)} :: caused by :: `);
  }
}

function withCause(error: MongoServerError, prefix: string): MongoServerError {
  const isNamed = !error.codeName.startsWith('Location');
  const code = isNamed ? (error.codeName as CodeName) : error.code;
  return new MongoServerError(code, `${prefix}${error.message}`, { cause: error });
}

function normalized(request: RawValue): Buffer {
  const each = new ElementReader(request.buffer, request.start);
  while (each.next()) {
    if (!indexOptions.has(each.name())) throw notValid(each.name(), 'an index', request);
  }
  const key = required(request, 'key', BsonType.object, 'an object');
  checkKeyPattern(key, findField(request.buffer, request.start, 'wildcardProjection'));
  const name = required(request, 'name', BsonType.string, 'a string');
  const writer = new DocumentWriter();
  writer.startDocument();
  writer.int32('v', 2);
  writer.raw('key', key);
  writer.raw('name', name);
  const reader = new ElementReader(request.buffer, request.start);
  while (reader.next())
    indexOptions.get(reader.name())?.(writer, reader.name(), reader.value(), key);
  for (const [option, value] of Object.entries(defaultsOf(key))) {
    if (findField(request.buffer, request.start, option) === undefined) writer.int32(option, value);
  }
  writer.end();
  return writer.finish();
}

/** What a kind of index stores of itself when the client does not say it. */
function defaultsOf(key: RawValue): Readonly<Record<string, number>> {
  return kindOf(keyPatternOf(key)).defaults ?? {};
}

function notValid(field: string, owner: string, request: RawValue): MongoServerError {
  return new MongoServerError(
    'InvalidIndexSpecificationOption',
    `The field '${field}' is not valid for ${owner} specification. Specification: ${valueText(request)}`,
  );
}

function required(request: RawValue, name: string, type: number, expected: string): RawValue {
  const value = findField(request.buffer, request.start, name);
  if (value === undefined) {
    throw new MongoServerError(
      'FailedToParse',
      `The '${name}' field is a required property of an index specification`,
    );
  }
  if (value.type === type) return value;
  throw new MongoServerError(
    'TypeMismatch',
    `The field '${name}' must be ${expected}, but got ${typeAlias(value.type)}`,
  );
}

function withoutUnknown(request: RawValue): RawValue {
  const writer = new DocumentWriter();
  writer.startDocument();
  const reader = new ElementReader(request.buffer, request.start);
  while (reader.next()) {
    if (indexOptions.has(reader.name())) writer.raw(reader.name(), reader.value());
  }
  writer.end();
  const buffer = writer.finish();
  return { buffer, type: BsonType.object, start: 0, end: buffer.length };
}

/** The specification as MongoDB goes on with it. */
function withVersion(request: RawValue): RawValue {
  if (findField(request.buffer, request.start, 'v') !== undefined) return request;
  const writer = new DocumentWriter();
  writer.startDocument();
  const reader = new ElementReader(request.buffer, request.start);
  while (reader.next()) writer.raw(reader.name(), reader.value());
  writer.int32('v', 2);
  writer.end();
  const buffer = writer.finish();
  return { buffer, type: BsonType.object, start: 0, end: buffer.length };
}

function checkKind(spec: Buffer): void {
  const { keyPattern, ...index } = indexFromSpec(0, spec);
  const facts = factsOf({ keyPattern, ...index });
  checkCollation(spec);
  facts.kind.check({ ...facts, spec, keyPattern, shownKey: valueText(keyOf(spec)) });
}

/** Of an index that says its collation, or has that of its collection. */
export function checkCollation(spec: Buffer): void {
  const { kind, collation } = factsOf(indexFromSpec(0, spec));
  if (kind.refusesCollation !== true || collation === undefined) return;
  throw new MongoServerError(
    'CannotCreateIndex',
    `Index type '${kind.name}' does not support collation: ${valueText(findField(spec, 0, 'collation') as RawValue)}`,
  );
}

/** Names that are taken, and what the index every collection has may say of itself. */
function checkIdentity(spec: Buffer, full: RawValue): void {
  const key = findField(spec, 0, 'key') as RawValue;
  const named = findField(spec, 0, 'name') as RawValue;
  const name = spec.toString('utf8', named.start + 4, named.end - 1);
  if (isAnyIdKey(key)) {
    const reader = new ElementReader(full.buffer, full.start);
    while (reader.next()) {
      if (!idIndexOptions.has(reader.name())) throw notValid(reader.name(), 'an _id index', full);
    }
    if (isIdKeyDocument(key)) return;
    throw new MongoServerError(
      'BadValue',
      `The field 'key' for an _id index must be {_id: 1}, but got ${valueText(key)}`,
    );
  }
  if (name === '_id_') {
    throw new MongoServerError(
      'BadValue',
      `The index name '_id_' is reserved for the _id index, which must have key pattern {_id: 1}, found key: ${valueText(key)}`,
    );
  }
  if (name === '*') throw new MongoServerError('BadValue', "The index name '*' is not valid.");
}

/** On `_id` alone, ascending or descending. */
function isAnyIdKey(key: RawValue): boolean {
  const reader = new ElementReader(key.buffer, key.start);
  if (!reader.next() || reader.name() !== '_id') return false;
  const direction = numberOf(reader.value());
  return (direction === 1 || direction === -1) && !reader.next();
}

const maxSeconds = 2 ** 31 - 1;

function checkTimeToLive(request: RawValue): void {
  const seconds = findField(request.buffer, request.start, 'expireAfterSeconds');
  if (seconds === undefined) return;
  const fault = faultOfSeconds(seconds);
  if (fault !== undefined) {
    throw new MongoServerError(
      'CannotCreateIndex',
      `. Index spec: ${valueText(request)} :: caused by :: TTL index 'expireAfterSeconds' ${fault}`,
    );
  }
  const key = findField(request.buffer, request.start, 'key') as RawValue;
  const reader = new ElementReader(key.buffer, key.start);
  if (reader.next() && !reader.next()) return;
  throw new MongoServerError(
    'CannotCreateIndex',
    `TTL indexes are single-field indexes, compound indexes do not support TTL. Index spec: ${valueText(request)}`,
  );
}

function faultOfSeconds(value: RawValue): string | undefined {
  const seconds = numberOf(value);
  if (seconds === undefined) {
    // The quotation mark that is not closed is MongoDB's.
    return `option must be numeric, but received a type of '${typeAlias(value.type)}`;
  }
  if (Number.isNaN(seconds)) return 'option must not be NaN';
  const whole = Math.trunc(seconds);
  if (whole > maxSeconds || whole < -maxSeconds - 1) {
    return 'must be within the range of a 32-bit integer';
  }
  return whole < 0 ? 'option cannot be less than 0' : undefined;
}
