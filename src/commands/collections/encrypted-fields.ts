/**
 * `encryptedFields` of create. This server keeps no indexes of encrypted values, so that a collection that
 * promises them is refused; what is wrong with the option is told before, as MongoDB tells it.
 */
import { BsonType, compareValues, findField, type RawValue } from '../../bson/index.ts';
import { type CodeName, MongoServerError } from '../../errors/index.ts';
import type { CommandBody } from '../dispatch/command-body.ts';
import { arrayValues, exactLong } from '../dispatch/field-values.ts';
import { NestedFields } from '../dispatch/nested-fields.ts';

const configFields: ReadonlySet<string> = new Set([
  'escCollection',
  'eccCollection',
  'ecocCollection',
  'fields',
]);
const fieldFields: ReadonlySet<string> = new Set(['keyId', 'path', 'bsonType', 'queries']);
const queryFields: ReadonlySet<string> = new Set([
  'queryType',
  'contention',
  'sparsity',
  'trimFactor',
  'precision',
  'min',
  'max',
]);

const path = 'create.encryptedFields';

/** BSON types by the names that `bsonType` may have, and what may be done with each when encrypted. */
const types: ReadonlyMap<
  string,
  { type: number; unindexed?: true; equality?: true; range?: true }
> = new Map(
  Object.entries({
    double: { type: BsonType.double, unindexed: true, range: true },
    string: { type: BsonType.string, unindexed: true, equality: true },
    object: { type: BsonType.object, unindexed: true },
    array: { type: BsonType.array, unindexed: true },
    binData: { type: BsonType.binData, unindexed: true, equality: true },
    undefined: { type: BsonType.undefined },
    objectId: { type: BsonType.objectId, unindexed: true, equality: true },
    bool: { type: BsonType.bool, unindexed: true, equality: true },
    date: { type: BsonType.date, unindexed: true, equality: true, range: true },
    null: { type: BsonType.null },
    regex: { type: BsonType.regex, unindexed: true, equality: true },
    dbPointer: { type: BsonType.dbPointer, unindexed: true, equality: true },
    javascript: { type: BsonType.javascript, unindexed: true, equality: true },
    symbol: { type: BsonType.symbol, unindexed: true, equality: true },
    javascriptWithScope: { type: BsonType.javascriptWithScope, unindexed: true, equality: true },
    int: { type: BsonType.int, unindexed: true, equality: true, range: true },
    timestamp: { type: BsonType.timestamp, unindexed: true, equality: true },
    long: { type: BsonType.long, unindexed: true, equality: true, range: true },
    decimal: { type: BsonType.decimal, unindexed: true, range: true },
    minKey: { type: BsonType.minKey },
    maxKey: { type: BsonType.maxKey },
  }),
);

/** Throws unless there is no such option. */
export function refuseEncryptedFields(body: CommandBody): void {
  const config = body.optionalDocument('encryptedFields');
  if (config === undefined) return;
  const nested = new NestedFields(path, config, configFields);
  const fields = nested.optionalArray('fields') ?? nested.missing('fields');
  const paths: string[] = [];
  const specified = [...arrayValues(fields)].filter(({ type }) => type !== BsonType.null);
  for (const field of specified) paths.push(checkField(field, paths));
  for (const other of ['viewOn', 'timeseries']) {
    if (!body.has(other)) continue;
    throw refused(6346401, 'Encrypted fields cannot be used with views or time-series collections');
  }
  if (body.optionalBool('capped') === true) {
    throw refused(6367301, 'Encrypted fields cannot be used with capped collections');
  }
  throw refused('NotImplemented', "create with option 'encryptedFields' is not implemented yet");
}

/** Returns the path. */
function checkField(value: RawValue, before: readonly string[]): string {
  const nested = new NestedFields(`${path}.fields`, value, fieldFields);
  const keyId = nested.value('keyId') ?? nested.missing('keyId');
  checkKeyId(keyId);
  const name = nested.requireString('path');
  if (name.includes('\0')) {
    throw refused(9867600, 'The path of an encrypted field must not have null bytes');
  }
  const bsonType = nested.optionalString('bsonType');
  if (bsonType !== undefined && !types.has(bsonType)) {
    throw refused('BadValue', `Unknown type name: ${bsonType}`);
  }
  checkQueries(value, bsonType);
  if (name === '') throw refused(6316402, 'Encrypted field must have a non-empty path');
  if (name === '_id' || name.startsWith('_id.')) {
    throw refused(6316403, 'Cannot encrypt _id or its subfields');
  }
  for (const other of before) {
    if (other === name) throw refused(6338402, 'Duplicate paths are not allowed');
    if (!other.startsWith(`${name}.`) && !name.startsWith(`${other}.`)) continue;
    throw refused(
      6338403,
      `Conflicting index paths found as one is a prefix of another '${name}' and '${other}'`,
    );
  }
  return name;
}

function checkKeyId({ buffer, type, start }: RawValue): void {
  if (type !== BsonType.binData || buffer[start + 4] !== 4) {
    throw refused(
      'TypeMismatch',
      `BSON field '${path}.fields.keyId' is the wrong type, expected type 'UUID'`,
    );
  }
  if (buffer.readInt32LE(start) === 16) return;
  throw refused('InvalidUUID', 'uuid must be a 16-byte binary field with UUID (4) subtype');
}

function checkQueries(field: RawValue, bsonType: string | undefined): void {
  const given = findField(field.buffer, field.start, 'queries');
  if (given === undefined) {
    if (bsonType === undefined || types.get(bsonType)?.unindexed === true) return;
    throw refused(6338406, `Type '${bsonType}' is not a supported unindexed type`);
  }
  const queries = given.type === BsonType.array ? [...arrayValues(given)] : [given];
  if (queries.length === 0) throw refused(9783412, 'At least one query type should be specified');
  if (queries.length > 2) throw refused(9783413, 'At most two query types may be specified');
  const kinds = queries.map((query) => checkQuery(query, bsonType));
  if (kinds.length > 1) {
    throw refused(9783414, `Query types ${kinds.join(' and ')} cannot be specified for one field`);
  }
}

/** Returns the query type. */
function checkQuery(query: RawValue, bsonType: string | undefined): string {
  if (query.type !== BsonType.object) {
    throw refused(
      'TypeMismatch',
      `BSON field '${path}.fields.queries' is the wrong type, expected types '[object, array]'`,
    );
  }
  const nested = new NestedFields(`${path}.fields.queries`, query, queryFields);
  const kind = nested.requireString('queryType');
  if (kind !== 'equality' && kind !== 'range') {
    throw refused(
      'BadValue',
      `Enumeration value '${kind}' for field '${path}.fields.queries.queryType' is not a valid value.`,
    );
  }
  checkWhole(nested, 'contention', 0);
  checkWhole(nested, 'sparsity', 1);
  checkWhole(nested, 'trimFactor', 0);
  checkWhole(nested, 'precision', 0);
  if (bsonType === undefined) {
    throw refused(6412601, 'BSON type needs to be specified for an indexed field');
  }
  const found = types.get(bsonType);
  if (kind === 'equality') {
    if (found?.equality === true) return kind;
    throw refused(6338405, `Type '${bsonType}' is not a supported equality indexed type`);
  }
  if (found?.range !== true) {
    throw refused(6775201, `Type '${bsonType}' is not a supported range indexed type`);
  }
  checkRange(nested, found.type, bsonType);
  return kind;
}

function checkRange(nested: NestedFields, type: number, bsonType: string): void {
  const [min, max] = [nested.value('min'), nested.value('max')];
  for (const bound of [min, max]) {
    if (bound === undefined || bound.type === type) continue;
    throw refused(7018200, `Range bounds must be of the field's type '${bsonType}'`);
  }
  if (min === undefined || max === undefined) return;
  const { buffer, start } = min;
  if (compareValues(buffer, type, start, max.buffer, type, max.start) < 0) return;
  throw refused(6720005, 'Range minimum must be less than range maximum');
}

function checkWhole(nested: NestedFields, name: string, minimum: number): void {
  const number = nested.optionalNumber(name);
  const value = nested.value(name);
  if (number === undefined || value === undefined) return;
  if (exactLong(value) === undefined) {
    throw refused('FailedToParse', `Expected an integer for ${name}`);
  }
  if (number >= minimum) return;
  throw refused(
    'BadValue',
    `BSON field '${name}' value must be >= ${minimum}, actual value '${number}'`,
  );
}

function refused(code: CodeName | number, message: string): MongoServerError {
  return new MongoServerError(code, message);
}
