/**
 * `$jsonSchema`: JSON Schema draft 4 as MongoDB has it, on BSON values: with `bsonType`, without
 * references, formats and defaults. A schema is read as a whole before any value is looked at.
 */
import { BsonType, type RawValue } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { textOf } from '../../expressions/index.ts';
import { fieldsOf, refused } from './keyword.ts';
import { keywords, unsupportedKeywords } from './keywords/index.ts';
import type { Schema, SchemaRule } from './schema.ts';

/** `value` must stay as long as the schema. */
export function parseSchema(value: RawValue): Schema {
  if (value.type !== BsonType.object) {
    throw new MongoServerError('TypeMismatch', '$jsonSchema must be an object');
  }
  return parseObject(value);
}

function parseObject(spec: RawValue): Schema {
  const given = new Map<string, RawValue>();
  for (const { name, value } of fieldsOf(spec)) {
    if (unsupportedKeywords.has(name)) {
      throw refused('FailedToParse', name, 'is not currently supported');
    }
    if (!keywords.has(name)) {
      throw new MongoServerError('FailedToParse', `Unknown $jsonSchema keyword: ${name}`);
    }
    if (given.has(name)) {
      throw new MongoServerError('FailedToParse', `Duplicate $jsonSchema keyword: ${name}`);
    }
    given.set(name, value);
  }
  const context = { keywords: given, parse: parseObject };
  const rules: SchemaRule[] = [];
  for (const [name, keyword] of keywords) {
    const value = given.get(name);
    const rule = value && keyword.parse(value, context);
    if (rule !== undefined) rules.push(rule);
  }
  return { rules, title: textUnder(given, 'title'), description: textUnder(given, 'description') };
}

function textUnder(given: ReadonlyMap<string, RawValue>, name: string): string | undefined {
  const value = given.get(name);
  return value && textOf(value);
}
