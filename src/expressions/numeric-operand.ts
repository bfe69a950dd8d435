import { BsonType } from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { isNullish, isNumber, type MaybeValue, nullValue, typeName, type Value } from './value.ts';

/** The number a mathematical operator works on, or null for null and missing. */
export function numericOperand(operator: string, value: MaybeValue): Value {
  if (isNullish(value)) return nullValue;
  if (isNumber(value!)) return value!;
  throw new MongoServerError(
    28765,
    `${operator} only supports numeric types, not ${typeName(value)}`,
  );
}

export function isNullOperand(value: Value): boolean {
  return value.type === BsonType.null;
}
