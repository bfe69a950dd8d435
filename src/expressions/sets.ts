import { BsonType } from '../bson/index.ts';
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
export function distinct(values: readonly Value[]): Value[] {
  const sorted = [...values].sort(compareMaybe);
  return sorted.filter((value, at) => at === 0 || compareMaybe(sorted[at - 1], value) !== 0);
}

export function holds(values: readonly Value[], wanted: Value): boolean {
  return values.some((value) => compareMaybe(value, wanted) === 0);
}
