/** An index's specification document: what a client may ask for, and the facts read off it. */
import { Decimal128 } from 'bson';
import type { IndexInfo, IndexKeyPart } from '../../storage/index.ts';
import {
  BsonType,
  DocumentWriter,
  decodeDocument,
  decodeValue,
  ElementReader,
  findField,
  type RawValue,
  valueText,
} from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';

/** The index a checked specification describes. `buildGroup`: of an index that is to be built. */
export function indexFromSpec(id: number, spec: Buffer, buildGroup?: number): IndexInfo {
  const key = findField(spec, 0, 'key');
  const name = findField(spec, 0, 'name');
  const unique = findField(spec, 0, 'unique');
  if (key === undefined || name === undefined) throw new Error('an index spec is incomplete');
  const keyPattern: IndexKeyPart[] = [];
  const reader = new ElementReader(spec, key.start);
  while (reader.next()) {
    const direction = Number(decodeValue(reader.value()));
    keyPattern.push({ path: reader.name(), direction: direction < 0 ? -1 : 1 });
  }
  return {
    id,
    name: textOf(spec, name),
    keyPattern,
    unique: unique !== undefined && spec[unique.start] === 1,
    isIdIndex: false,
    spec,
    multikeyPaths: keyPattern.map(() => false),
    ...(buildGroup === undefined
      ? { state: 'ready' }
      : { state: 'building', buildPosition: 0, buildGroup }),
  };
}

function textOf(buffer: Buffer, value: RawValue): string {
  return buffer.toString('utf8', value.start + 4, value.end - 1);
}

const maxKeyFields = 32;

const plugins: ReadonlySet<string> = new Set([
  'text',
  '2d',
  '2dsphere',
  '2dsphere_bucket',
  'hashed',
]);

/** Accepted when they ask for nothing; a value that asks for something is not there yet. */
const laterOptions: Readonly<Record<string, (value: unknown) => boolean>> = {
  sparse: isTruthy,
  prepareUnique: isTruthy,
  expireAfterSeconds: () => true,
  partialFilterExpression: () => true,
  collation: (value) => (value as { locale?: unknown } | null)?.locale !== 'simple',
  wildcardProjection: () => true,
  weights: () => true,
  default_language: () => true,
  language_override: () => true,
  textIndexVersion: () => true,
  '2dsphereIndexVersion': () => true,
  bits: () => true,
  min: () => true,
  max: () => true,
  storageEngine: (value) => Object.keys((value as object | null) ?? {}).length > 0,
  clustered: isTruthy,
};

/** The number of any numeric type. */
function numberIn(value: unknown): number | undefined {
  const isNumber =
    typeof value === 'number' || typeof value === 'bigint' || value instanceof Decimal128;
  return isNumber ? Number(String(value)) : undefined;
}

function isTruthy(value: unknown): boolean {
  const number = numberIn(value);
  return number === undefined ? value === true : number !== 0;
}

/**
 * A client's specification, checked and in the form it is stored in: `v` first, `ns` gone. Throws
 * CannotCreateIndex, InvalidIndexSpecificationOption, NotImplemented and so on.
 */
export function normalizeSpec(request: RawValue): Buffer {
  const given = decodeDocument(request.buffer, request.start);
  const text = valueText(request);
  const key = findField(request.buffer, request.start, 'key');
  if (key === undefined) {
    throw new MongoServerError(
      'FailedToParse',
      `Error in specification ${text} :: caused by :: The 'key' field is a required property of an index specification`,
    );
  }
  if (key.type !== BsonType.object) {
    throw inSpec(
      text,
      'TypeMismatch',
      `The field 'key' must be an object, but got ${valueText(key)}`,
    );
  }
  if (typeof given.name !== 'string') {
    throw given.name === undefined
      ? inSpec(
          text,
          'FailedToParse',
          "The 'name' field is a required property of an index specification",
        )
      : inSpec(text, 'TypeMismatch', "The field 'name' must be a string");
  }
  if (given.name === '*' || given.name === '') {
    throw inSpec(text, 'CannotCreateIndex', `The index name '${given.name}' is not valid.`);
  }
  checkKey(key, text);
  if (given.name === '_id_' && !isIdKeyPattern(given.key)) {
    throw inSpec(
      text,
      'BadValue',
      "The index name '_id_' is reserved for the _id index, which must have key pattern {_id: 1}",
    );
  }
  const writer = new DocumentWriter();
  writer.startDocument();
  writer.int32('v', 2);
  writer.raw('key', key);
  writer.string('name', given.name);
  const reader = new ElementReader(request.buffer, request.start);
  while (reader.next()) {
    const field = reader.name();
    switch (field) {
      case 'v':
        checkVersion(given.v, text);
        break;
      case 'key':
      case 'name':
      case 'ns':
      case 'dropDups':
        break;
      case 'background':
        writer.raw(field, reader.value());
        break;
      case 'unique':
        if (isTruthy(given.unique)) writer.bool('unique', true);
        else if (given.unique !== false && numberIn(given.unique) === undefined) {
          throw inSpec(text, 'TypeMismatch', "The field 'unique' has value of the wrong type");
        }
        break;
      case 'hidden':
        if (isTruthy(given.hidden)) {
          if (isIdKeyPattern(given.key)) {
            throw inSpec(
              text,
              'InvalidIndexSpecificationOption',
              "The field 'hidden' is not valid for an _id index specification.",
            );
          }
          writer.bool('hidden', true);
        } else if (given.hidden !== false && numberIn(given.hidden) === undefined) {
          throw inSpec(text, 'TypeMismatch', "The field 'hidden' has value of the wrong type");
        }
        break;
      default: {
        const asksForSomething = laterOptions[field];
        if (asksForSomething === undefined) {
          throw new MongoServerError(
            'InvalidIndexSpecificationOption',
            `Error in specification ${text} :: caused by :: The field '${field}' is not valid for an index specification. Specification: ${text}`,
          );
        }
        if (asksForSomething(given[field])) {
          throw new MongoServerError(
            'NotImplemented',
            `the index option '${field}' is not implemented yet`,
          );
        }
      }
    }
  }
  writer.end();
  return writer.finish();
}

function isIdKeyPattern(key: unknown): boolean {
  const parts = Object.entries(key as Record<string, unknown>);
  return parts.length === 1 && parts[0]![0] === '_id' && numberIn(parts[0]![1]) === 1;
}

function inSpec(
  text: string,
  code:
    | 'TypeMismatch'
    | 'FailedToParse'
    | 'CannotCreateIndex'
    | 'BadValue'
    | 'InvalidIndexSpecificationOption',
  message: string,
): MongoServerError {
  return new MongoServerError(code, `Error in specification ${text} :: caused by :: ${message}`);
}

function checkVersion(version: unknown, text: string): void {
  if ([1, 2].includes(numberIn(version) ?? 0)) return;
  throw inSpec(
    text,
    'CannotCreateIndex',
    `Invalid index specification ${text}; cannot create an index with v=${String(version)}`,
  );
}

function checkKey(key: RawValue, text: string): void {
  const reader = new ElementReader(key.buffer, key.start);
  const seen = new Set<string>();
  while (reader.next()) {
    const path = reader.name();
    const value = decodeValue(reader.value());
    if (seen.has(path)) {
      throw inSpec(text, 'BadValue', `Duplicate key '${path}' in the index key pattern`);
    }
    seen.add(path);
    checkPath(path, text);
    if (typeof value === 'string') {
      if (plugins.has(value)) {
        throw new MongoServerError('NotImplemented', `'${value}' indexes are not implemented yet`);
      }
      throw inSpec(text, 'CannotCreateIndex', `Unknown index plugin '${value}'`);
    }
    const number = numberIn(value);
    if (number === 0 || Number.isNaN(number)) {
      throw inSpec(text, 'CannotCreateIndex', 'Values in the index key pattern cannot be 0.');
    }
    if (number === undefined) {
      throw inSpec(
        text,
        'CannotCreateIndex',
        'Values in v:2 index key pattern cannot be of type other than a number or a string. Only numbers > 0, numbers < 0, and strings are allowed.',
      );
    }
  }
  if (seen.size > maxKeyFields) {
    throw new MongoServerError(
      13103,
      `Number of fields in compound index can't exceed ${maxKeyFields}`,
    );
  }
  if (seen.size === 1 && seen.has('_id') && !isIdKeyPattern(decodeValue(key))) {
    throw inSpec(
      text,
      'BadValue',
      `The field 'key' for an _id index must be {_id: 1}, but got ${valueText(key)}`,
    );
  }
  if (seen.size === 0) {
    throw inSpec(text, 'CannotCreateIndex', 'Index keys cannot be empty.');
  }
}

function checkPath(path: string, text: string): void {
  if (path === '$**' || path.endsWith('.$**')) {
    throw new MongoServerError('NotImplemented', 'wildcard indexes are not implemented yet');
  }
  if (path === '') {
    throw inSpec(text, 'CannotCreateIndex', 'Index keys cannot be an empty field.');
  }
  if (path.split('.').includes('')) {
    throw inSpec(text, 'CannotCreateIndex', 'Index keys cannot contain an empty field.');
  }
  for (const part of path.split('.')) {
    if (part.startsWith('$') && !['$id', '$db', '$ref'].includes(part)) {
      throw inSpec(
        text,
        'CannotCreateIndex',
        "Index key contains an illegal field name: field name starts with '$'.",
      );
    }
  }
}

export function sameKeyPattern(a: IndexInfo, b: IndexInfo): boolean {
  return (
    a.keyPattern.length === b.keyPattern.length &&
    a.keyPattern.every(
      ({ path, direction }, at) =>
        b.keyPattern[at]?.path === path && b.keyPattern[at]?.direction === direction,
    )
  );
}

/** The indexes with the key pattern of `spec`; of another kind of index there is none. */
export function indexesWithKey(indexes: readonly IndexInfo[], spec: Buffer): IndexInfo[] {
  const key = decodeDocument(spec).key as Record<string, unknown>;
  if (Object.values(key).some((value) => numberIn(value) === undefined)) return [];
  const wanted = indexFromSpec(0, spec);
  return indexes.filter((index) => sameKeyPattern(index, wanted));
}

/** True when the specification asks for the index every collection has. */
export function isIdKey(index: Pick<IndexInfo, 'keyPattern'>): boolean {
  const [only, ...more] = index.keyPattern;
  return more.length === 0 && only?.path === '_id' && only.direction === 1;
}
