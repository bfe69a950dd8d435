import { BsonType, readUint32 } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { isNullish, longValue, nullValue, typeName } from '../value.ts';

/** `$tsSecond`: the seconds of a timestamp, a long. */
export const tsSecond: PlainOperator = {
  kind: 'plain',
  name: '$tsSecond',
  arity: exactly(1),
  evaluate([operand]) {
    if (isNullish(operand)) return nullValue;
    const { buffer, start, type } = operand!;
    if (type === BsonType.timestamp) return longValue(BigInt(readUint32(buffer, start + 4)));
    throw new MongoServerError(
      5687301,
      `$tsSecond requires a timestamp argument, found: ${typeName(operand)}`,
    );
  },
};
