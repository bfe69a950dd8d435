import { BsonType, ElementReader } from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import type { ParseContext, ParseExpression } from './expression.ts';
import { Scope } from './expression.ts';
import { FieldMap } from './field-map.ts';
import {
  documentValue,
  isNullish,
  type MaybeValue,
  nullValue,
  textOf,
  typeName,
  type Value,
} from './value.ts';

const noScope = new Scope(Buffer.from([5, 0, 0, 0, 0]), 0);

/** The name `$setField` is about: a constant string, where paths and operators are not meant. */
export function constantName(
  name: string,
  value: Value,
  context: ParseContext,
  parse: ParseExpression,
): string {
  if (value.type === BsonType.string && textOf(value).startsWith('$')) {
    throw new MongoServerError(
      4161108,
      `'${textOf(value)}' is a field path reference which is not allowed in this context. Did you mean {$literal: '${textOf(value)}'}?`,
    );
  }
  const field = parse(value, context);
  // A document or an array is computed, whatever it is computed of.
  const isComputed =
    (value.type === BsonType.object && !isLiteral(value)) || value.type === BsonType.array;
  if (!field.isConstant || isComputed) {
    throw new MongoServerError(
      4161106,
      `${name} requires 'field' to evaluate to a constant, but got a non-constant argument`,
    );
  }
  const constant = field.evaluate(noScope);
  if (constant?.type !== BsonType.string) {
    throw new MongoServerError(
      4161107,
      `${name} requires 'field' to evaluate to type String, but got ${typeName(constant)}`,
    );
  }
  const text = textOf(constant);
  if (text.includes('\0')) {
    throw new MongoServerError(9534700, `${name} requires 'field' not to contain a null character`);
  }
  return text;
}

function isLiteral(value: Value): boolean {
  const reader = new ElementReader(value.buffer, value.start);
  return !reader.next() || reader.name().startsWith('$');
}

/** A document with one field set, or without it. */
export function withField(
  operator: string,
  input: MaybeValue,
  name: string,
  value: MaybeValue,
): Value {
  if (isNullish(input)) return nullValue;
  if (input!.type !== BsonType.object) {
    throw new MongoServerError(4161105, `${operator} requires 'input' to evaluate to type Object`);
  }
  const fields = new FieldMap();
  fields.merge(input!.buffer, input!.start);
  if (value === undefined) fields.delete(name);
  else fields.set(name, value);
  return documentValue(fields.encode());
}
