import { BsonType, type Collation } from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { compareMaybe } from './compare.ts';
import { elementsOf } from './elements.ts';
import { isNullish, type MaybeValue, typeName, type Value } from './value.ts';

/**
 * The elements of each operand; undefined when one of them is null or missing. The first operand that is
 * neither an array nor null throws `code`, if no null stands before it.
 */
export function arraysOf(
  operator: string,
  operands: readonly MaybeValue[],
  code: number,
): Value[][] | undefined {
  const arrays: Value[][] = [];
  for (const operand of operands) {
    if (isNullish(operand)) return undefined;
    arrays.push(requireArray(operator, operand, code));
  }
  return arrays;
}

export function requireArray(operator: string, operand: MaybeValue, code: number): Value[] {
  if (operand?.type === BsonType.array) return elementsOf(operand);
  throw new MongoServerError(
    code,
    `All operands of ${operator} must be arrays. One argument is of type: ${typeName(operand)}`,
  );
}

/** The elements of one of two operands; what is no array throws `code`. */
export function requireBoth(
  operator: string,
  which: 'First' | 'Second',
  operand: MaybeValue,
  code: number,
): Value[] {
  if (operand?.type === BsonType.array) return elementsOf(operand);
  throw new MongoServerError(
    code,
    `both operands of ${operator} must be arrays. ${which} argument is of type: ${typeName(operand)}`,
  );
}

/** Each value once, in the order of values. */
export function distinct(values: readonly Value[], collation: Collation | undefined): Value[] {
  const sorted = [...values].sort((a, b) => compareMaybe(a, b, collation));
  return sorted.filter(
    (value, at) => at === 0 || compareMaybe(sorted[at - 1], value, collation) !== 0,
  );
}
