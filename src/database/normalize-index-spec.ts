/** What a client may ask for in `createIndexes`, checked option by option. */
import {
  BsonType,
  DocumentWriter,
  ElementReader,
  findField,
  type RawValue,
  typeAlias,
  valueText,
} from '../bson/index.ts';
import { type CodeName, MongoServerError } from '../errors/index.ts';
import { factsOf } from '../plan/index.ts';
import { checkKeyPattern } from './index-key-pattern.ts';
import { idIndexOptions, indexOptions, type RequestedIndex } from './index-options.ts';
import { indexFromSpec } from './index-spec.ts';
import { isIdKeyDocument } from './spec-values.ts';

/**
 * A client's specification, checked and in the form it is stored in: `v` first, `ns` gone. Throws
 * CannotCreateIndex, InvalidIndexSpecificationOption, NotImplemented and so on.
 */
export function normalizeSpec(request: RawValue): Buffer {
  let spec: Buffer;
  try {
    spec = normalized(request);
  } catch (error) {
    if (!(error instanceof MongoServerError)) throw error;
    const message = `Error in specification ${valueText(request)} :: caused by :: ${error.message}`;
    const isNamed = !error.codeName.startsWith('Location');
    const code = isNamed ? (error.codeName as CodeName) : error.code;
    throw new MongoServerError(code, message, { cause: error });
  }
  checkTogether(spec);
  return spec;
}

function normalized(request: RawValue): Buffer {
  const requested = readRequest(request);
  const isIdIndex = isIdKeyDocument(requested.key);
  const writer = new DocumentWriter();
  writer.startDocument();
  writer.int32('v', 2);
  writer.raw('key', requested.key);
  writer.string('name', isIdIndex ? '_id_' : requested.name);
  const reader = new ElementReader(request.buffer, request.start);
  while (reader.next()) {
    const field = reader.name();
    const option = indexOptions.get(field);
    if (option === undefined) throw notValid(field, 'an index', request);
    if (isIdIndex && !idIndexOptions.has(field)) throw notValid(field, 'an _id index', request);
    option(writer, field, reader.value(), requested);
  }
  writer.end();
  return writer.finish();
}

function notValid(field: string, owner: string, request: RawValue): MongoServerError {
  return new MongoServerError(
    'InvalidIndexSpecificationOption',
    `The field '${field}' is not valid for ${owner} specification. Specification: ${valueText(request)}`,
  );
}

function readRequest(request: RawValue): RequestedIndex {
  const key = required(request, 'key', BsonType.object, 'an object');
  checkKeyPattern(key);
  const value = required(request, 'name', BsonType.string, 'a string');
  const name = value.buffer.toString('utf8', value.start + 4, value.end - 1);
  if (name === '*' || name === '') {
    throw new MongoServerError('CannotCreateIndex', `The index name '${name}' is not valid.`);
  }
  if (name === '_id_' && !isIdKeyDocument(key)) {
    throw new MongoServerError(
      'BadValue',
      "The index name '_id_' is reserved for the _id index, which must have key pattern {_id: 1}",
    );
  }
  return { key, name };
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

/** Options that are right, each for itself, and contradict each other. */
function checkTogether(spec: Buffer): void {
  const { isSparse, partialFilter } = factsOf(indexFromSpec(0, spec));
  if (isSparse && partialFilter !== undefined) {
    throw new MongoServerError(
      'CannotCreateIndex',
      'cannot mix "partialFilterExpression" and "sparse" options',
    );
  }
}
