import { BsonType, type RawValue, typeAlias } from '../../../bson/index.ts';
import { MongoServerError } from '../../../errors/index.ts';
import { textOf } from '../../../expressions/index.ts';
import { fieldsOf, type Keyword, refused, specifiedAs } from '../keyword.ts';
import type { SchemaRule } from '../schema.ts';

const numbers: readonly number[] = [BsonType.double, BsonType.int, BsonType.long, BsonType.decimal];

/** The type names of JSON Schema itself. */
const jsonTypes: ReadonlyMap<string, readonly number[]> = new Map<string, readonly number[]>([
  ['array', [BsonType.array]],
  ['boolean', [BsonType.bool]],
  ['null', [BsonType.null]],
  ['number', numbers],
  ['object', [BsonType.object]],
  ['string', [BsonType.string]],
]);

/** The aliases of `$type`. */
const bsonTypes: ReadonlyMap<string, readonly number[]> = new Map<string, readonly number[]>([
  ...Object.entries(BsonType).map(([alias, type]) => [alias, [type]] as const),
  ['number', numbers],
]);

function parseTypes(
  name: string,
  value: RawValue,
  known: ReadonlyMap<string, readonly number[]>,
): ReadonlySet<number> {
  const isList = value.type === BsonType.array;
  const listed = isList ? fieldsOf(value).map((field) => field.value) : [value];
  if (listed.length === 0) throw refused('FailedToParse', name, 'must name at least one type');
  const types = new Set<number>();
  const aliases = new Set<string>();
  for (const one of listed) {
    if (one.type !== BsonType.string) {
      throw refused('TypeMismatch', name, 'must be either a string or an array of strings');
    }
    const alias = textOf(one);
    if (aliases.has(alias)) {
      throw refused('FailedToParse', name, `has duplicate value: ${alias}`);
    }
    aliases.add(alias);
    if (alias === 'integer') {
      throw new MongoServerError(
        'FailedToParse',
        "$jsonSchema type 'integer' is not currently supported.",
      );
    }
    const meant = known.get(alias);
    if (meant === undefined) {
      throw new MongoServerError('BadValue', `Unknown type name alias: ${alias}`);
    }
    for (const type of meant) types.add(type);
  }
  return types;
}

function typeRule(name: string, spec: RawValue, types: ReadonlySet<number>): SchemaRule {
  return {
    name,
    isKept: ({ type }) => types.has(type),
    explain: (value) => ({
      ...specifiedAs(name, spec),
      reason: 'type did not match',
      consideredValue: value,
      consideredType: typeAlias(value.type),
    }),
  };
}

/** `bsonType`: of these types, by the aliases of `$type`. */
export const bsonType: Keyword = {
  name: 'bsonType',
  parse: (value) => typeRule('bsonType', value, parseTypes('bsonType', value, bsonTypes)),
};

/** `type`: of these types, as JSON names them. */
export const type: Keyword = {
  name: 'type',
  parse(value, { keywords }) {
    if (keywords.has('bsonType')) {
      throw new MongoServerError(
        'FailedToParse',
        "Cannot specify both $jsonSchema keywords 'type' and 'bsonType'",
      );
    }
    return typeRule('type', value, parseTypes('type', value, jsonTypes));
  },
};

/** `encrypt`: a value some client has encrypted, which is binary data of subtype 6. */
export const encrypt: Keyword = {
  name: 'encrypt',
  parse(spec, { keywords }) {
    if (spec.type !== BsonType.object)
      throw refused('TypeMismatch', 'encrypt', 'must be an object');
    for (const other of ['bsonType', 'type']) {
      if (!keywords.has(other)) continue;
      throw new MongoServerError(
        'FailedToParse',
        `$jsonSchema keyword 'encrypt' cannot be used in conjunction with '${other}'`,
      );
    }
    return {
      name: 'encrypt',
      isKept: ({ buffer, type: found, start }) =>
        found === BsonType.binData && buffer[start + 4] === 6,
      explain: () => ({ reason: 'value was not encrypted' }),
    };
  },
};
