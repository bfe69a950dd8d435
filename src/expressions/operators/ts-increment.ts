import { BsonType, readUint32 } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { isNullish, longValue, nullValue, typeName } from '../value.ts';

/** `$tsIncrement`: the counter of a timestamp, a long. */
export const tsIncrement: PlainOperator = {
  kind: 'plain',
  name: '$tsIncrement',
  arity: exactly(1),
  evaluate([operand]) {
    if (isNullish(operand)) return nullValue;
    const { buffer, start, type } = operand!;
    if (type === BsonType.timestamp) return longValue(BigInt(readUint32(buffer, start)));
    throw new MongoServerError(
      5687302,
      `$tsIncrement requires a timestamp argument, found: ${typeName(operand)}`,
    );
  },
};
