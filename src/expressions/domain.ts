import { BsonType, compareDecimals, type Decimal, decodeValue } from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import type { Value } from './value.ts';

/** An argument outside of what a trigonometric function takes. */
export function outsideDomain(operator: string, value: Value, domain: string): MongoServerError {
  const shown = String(decodeValue(value));
  const number = value.type === BsonType.decimal ? shown : shown.replace('Infinity', 'inf');
  return new MongoServerError(
    50989,
    `cannot apply ${operator} to ${number}, value must be in ${domain}`,
  );
}

const unity: Decimal = { kind: 'finite', negative: false, coefficient: 1n, exponent: 0 };

/** Whether a decimal is below -1 or above 1; NaN is not. */
export function isBeyondOne(value: Decimal): boolean {
  return compareDecimals({ ...value, negative: false }, unity) > 0;
}

/** Whether a decimal is below 1; NaN is not. */
export function isBelowOne(value: Decimal): boolean {
  return value.kind !== 'nan' && compareDecimals(value, unity) < 0;
}
