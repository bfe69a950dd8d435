import { BsonType, decodeValue } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { isNumber, type Value } from '../../expressions/index.ts';

/** The argument of `$limit` and `$skip`: a number without fraction, not negative. */
export function wholeCount(argument: Value, code: number, stage: string): number {
  const text = `invalid argument to ${stage} stage: Expected `;
  if (!isNumber(argument)) {
    throw new MongoServerError(code, `${text}a number in: ${stage}: ${shown(argument)}`);
  }
  const value = Number(
    argument.type === BsonType.decimal ? String(decodeValue(argument)) : decodeValue(argument),
  );
  if (!Number.isInteger(value)) {
    throw new MongoServerError(code, `${text}an integer: ${stage}: ${value}`);
  }
  if (value < 0) {
    throw new MongoServerError(code, `${text}a non-negative number in: ${stage}: ${value}`);
  }
  return value;
}

function shown(argument: Value): string {
  const value = decodeValue(argument);
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
