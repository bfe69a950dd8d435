import { BsonType, ElementReader, type RawValue, typeAlias } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { textOf } from '../../expressions/index.ts';
import { integralLong, isNumberType } from '../raw-number.ts';
import type { Schema, SchemaRule } from './schema.ts';

/** The other keywords of the schema a keyword stands in, and the way to a schema below it. */
export interface SchemaContext {
  readonly keywords: ReadonlyMap<string, RawValue>;
  parse(schema: RawValue): Schema;
}

/** A keyword of `$jsonSchema`; undefined: it says nothing by itself, another keyword reads it. */
export interface Keyword {
  readonly name: string;
  parse(value: RawValue, context: SchemaContext): SchemaRule | undefined;
}

export function refused(
  code: 'TypeMismatch' | 'FailedToParse' | 'BadValue',
  name: string,
  problem: string,
): MongoServerError {
  return new MongoServerError(code, `$jsonSchema keyword '${name}' ${problem}`);
}

export function objectOf(name: string, value: RawValue): RawValue {
  if (value.type === BsonType.object) return value;
  throw refused('TypeMismatch', name, 'must be an object');
}

export function textArgument(name: string, value: RawValue): string {
  if (value.type === BsonType.string) return textOf(value);
  throw refused('TypeMismatch', name, 'must be a string');
}

export function boolOf(name: string, value: RawValue): boolean {
  if (value.type === BsonType.bool) return value.buffer[value.start] === 1;
  throw refused('TypeMismatch', name, 'must be a boolean');
}

export function numberArgument(name: string, value: RawValue): RawValue {
  if (isNumberType(value.type)) return value;
  throw refused('TypeMismatch', name, 'must be a number');
}

/** A count: not negative, whole. */
export function countOf(name: string, value: RawValue): number {
  const count = isNumberType(value.type) ? integralLong(value) : undefined;
  if (count === undefined) throw refused('FailedToParse', name, 'must be an integer');
  if (count < 0n) throw refused('FailedToParse', name, 'must be a non-negative number');
  return Number(count);
}

export interface Field {
  readonly name: string;
  readonly value: RawValue;
}

export function fieldsOf({ buffer, start }: RawValue): Field[] {
  const fields: Field[] = [];
  const reader = new ElementReader(buffer, start);
  while (reader.next()) fields.push({ name: reader.name(), value: reader.value() });
  return fields;
}

/** The elements of an array that must have some. */
export function elementsOfArray(
  name: string,
  value: RawValue,
  emptyCode: 'FailedToParse' | 'BadValue',
): RawValue[] {
  if (value.type !== BsonType.array) {
    throw refused(
      'TypeMismatch',
      name,
      `must be an array, but found an element of type ${typeAlias(value.type)}`,
    );
  }
  const elements = fieldsOf(value).map((field) => field.value);
  if (elements.length === 0) throw refused(emptyCode, name, 'cannot be an empty array');
  return elements;
}

/** Different strings, at least one. */
export function namesOf(name: string, value: RawValue): string[] {
  const names = elementsOfArray(name, value, 'FailedToParse').map((element) => {
    if (element.type === BsonType.string) return textOf(element);
    throw refused(
      'TypeMismatch',
      name,
      `must be an array of strings, but found an element of type: ${typeAlias(element.type)}`,
    );
  });
  if (new Set(names).size < names.length) {
    throw refused('FailedToParse', name, 'array cannot contain duplicate values');
  }
  return names;
}

/** The schemas of an array that must have some. */
export function schemasOf(name: string, value: RawValue, context: SchemaContext): Schema[] {
  return elementsOfArray(name, value, 'BadValue').map((element) => {
    if (element.type === BsonType.object) return context.parse(element);
    throw refused(
      'TypeMismatch',
      name,
      `must be an array of objects, but found an element of type ${typeAlias(element.type)}`,
    );
  });
}

/** A keyword as errInfo repeats it. */
export function specifiedAs(name: string, value: RawValue): { specifiedAs: object } {
  return { specifiedAs: { [name]: value } };
}
