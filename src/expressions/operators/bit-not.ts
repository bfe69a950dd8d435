import { BsonType, readInt32, readInt64 } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { intValue, isNullish, longValue, nullValue, typeName } from '../value.ts';

/** `$bitNot`: every bit turned. */
export const bitNot: PlainOperator = {
  kind: 'plain',
  name: '$bitNot',
  arity: exactly(1),
  evaluate([operand]) {
    if (isNullish(operand)) return nullValue;
    const { buffer, start, type } = operand!;
    if (type === BsonType.int) return intValue(~readInt32(buffer, start));
    if (type === BsonType.long) return longValue(~readInt64(buffer, start));
    throw new MongoServerError(
      28765,
      `$bitNot only supports int and long, not: ${typeName(operand)}.`,
    );
  },
};
