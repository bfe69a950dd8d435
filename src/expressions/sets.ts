import { BsonType, type Collation } from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { compareMaybe } from './compare.ts';
import { elementsOf } from './elements.ts';
import { isNullish, type MaybeValue, typeName, type Value } from './value.ts';

/** The elements of each operand; undefined when one of them is null or missing. */
export function arraysOf(
  operator: string,
  operands: readonly MaybeValue[],
  code: number,
): Value[][] | undefined {
  return operands.some(isNullish) ? undefined : requireArrays(operator, operands, code);
}

export function requireArrays(
  operator: string,
  operands: readonly MaybeValue[],
  code: number,
): Value[][] {
  return operands.map((operand) => {
    if (operand?.type !== BsonType.array) {
      throw new MongoServerError(
        code,
        `All operands of ${operator} must be arrays. One argument is of type: ${typeName(operand)}`,
      );
    }
    return elementsOf(operand);
  });
}

/** Each value once, in the order of values. */
export function distinct(values: readonly Value[], collation: Collation | undefined): Value[] {
  const sorted = [...values].sort((a, b) => compareMaybe(a, b, collation));
  return sorted.filter(
    (value, at) => at === 0 || compareMaybe(sorted[at - 1], value, collation) !== 0,
  );
}

export function holds(
  values: readonly Value[],
  wanted: Value,
  collation: Collation | undefined,
): boolean {
  return values.some((value) => compareMaybe(value, wanted, collation) === 0);
}
