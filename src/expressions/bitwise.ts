import { BsonType, readInt32, readInt64 } from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { anyNumber, type PlainOperator } from './expression.ts';
import { intValue, isNullish, longValue, nullValue } from './value.ts';

/** An operator on the bits of ints and longs; one long among them makes the result one. */
export function bitwise(
  name: string,
  start: bigint,
  combine: (a: bigint, b: bigint) => bigint,
): PlainOperator {
  return {
    kind: 'plain',
    name,
    arity: anyNumber,
    evaluate(operands) {
      let result = start;
      let isLong = false;
      let hasNull = false;
      for (const operand of operands) {
        if (isNullish(operand)) hasNull = true;
        else if (operand!.type === BsonType.int) {
          result = combine(result, BigInt(readInt32(operand!.buffer, operand!.start)));
        } else if (operand!.type === BsonType.long) {
          isLong = true;
          result = combine(result, readInt64(operand!.buffer, operand!.start));
        } else {
          throw new MongoServerError(
            'TypeMismatch',
            `${name} only supports int and long operands.`,
          );
        }
      }
      if (hasNull) return nullValue;
      return isLong ? longValue(result) : intValue(Number(result));
    },
  };
}
