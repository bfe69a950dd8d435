/** What `create` may say about the index on `_id`: that it is the index on `_id`. */
import {
  BsonType,
  decodeValue,
  documentText,
  ElementReader,
  isSameCollation,
  type RawValue,
} from '../../bson/index.ts';
import { type LocaleCollation, parseCollation } from '../../collation/index.ts';
import { type CodeName, MongoServerError } from '../../errors/index.ts';
import type { CommandBody } from '../dispatch/command-body.ts';
import { numberOf, typeName } from '../dispatch/field-values.ts';

const fields: ReadonlySet<string> = new Set(['collation', 'key', 'name', 'ns', 'v']);

/** Throws what MongoDB answers for an `idIndex` it does not accept. */
export function checkIdIndex(body: CommandBody, collation: LocaleCollation | undefined): void {
  const spec = body.optionalDocument('idIndex');
  if (spec === undefined) return;
  const given = new Map<string, RawValue>();
  const reader = new ElementReader(spec.buffer, spec.start);
  while (reader.next()) {
    const name = reader.name();
    if (!fields.has(name)) {
      throw refused(
        'InvalidIndexSpecificationOption',
        `The field '${name}' is not valid for an _id index specification.`,
      );
    }
    given.set(name, reader.value());
  }
  checkKey(required(given, 'key', BsonType.object));
  if (decodeValue(required(given, 'name', BsonType.string)) === '') {
    throw refused('CannotCreateIndex', 'index name cannot be empty');
  }
  checkVersion(given.get('v'));
  checkCollation(given.get('collation'), collation);
}

function required(given: ReadonlyMap<string, RawValue>, name: string, type: number): RawValue {
  const value = given.get(name);
  if (value === undefined) {
    throw refused(
      'FailedToParse',
      `The '${name}' field is a required property of an index specification`,
    );
  }
  if (value.type !== type) {
    throw refused(
      'TypeMismatch',
      `The field '${name}' must be a ${typeName(type)}, but got ${typeName(value.type)}`,
    );
  }
  return value;
}

function checkKey(key: RawValue): void {
  const reader = new ElementReader(key.buffer, key.start);
  const isIdKey = reader.next() && reader.name() === '_id' && numberOf(reader.value()) === 1;
  if (isIdKey && !reader.next()) return;
  throw refused(
    'BadValue',
    "The field 'key' for an _id index must be {_id: 1}, but the key pattern is another",
  );
}

function checkVersion(value: RawValue | undefined): void {
  if (value === undefined) return;
  const version = numberOf(value);
  if (version === undefined) {
    throw refused(
      'TypeMismatch',
      `The field 'v' must be a number, but got ${typeName(value.type)}`,
    );
  }
  if (!Number.isInteger(version)) {
    throw refused(
      'BadValue',
      `Index version must be representable as a 32-bit integer: ${version}`,
    );
  }
  if (version !== 1 && version !== 2) {
    throw refused('CannotCreateIndex', `Invalid index specification: v${version} is not allowed`);
  }
}

function checkCollation(value: RawValue | undefined, collation: LocaleCollation | undefined): void {
  if (value === undefined) return;
  if (value.type !== BsonType.object) {
    throw refused(
      'TypeMismatch',
      `The field 'collation' must be an object, but got ${typeName(value.type)}`,
    );
  }
  if (isSameCollation(parseCollation(value) ?? undefined, collation)) return;
  const expected =
    collation === undefined ? '{ locale: "simple" }' : documentText(collation.bytes, 0);
  throw refused(
    'BadValue',
    `The _id index must have the same collation as the collection. Index collation: ${documentText(value.buffer, value.start)}, collection collation: ${expected}`,
  );
}

function refused(code: CodeName, message: string): MongoServerError {
  return new MongoServerError(code, message);
}
