import {
  BsonType,
  decimalValue,
  readDecimal,
  readDouble,
  readInt32,
  readInt64,
} from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { numericOperand } from '../numeric-operand.ts';
import { doubleValue, intValue, longValue } from '../value.ts';

/** `$abs`. */
export const abs: PlainOperator = {
  kind: 'plain',
  name: '$abs',
  arity: exactly(1),
  evaluate([operand]) {
    const value = numericOperand('$abs', operand);
    switch (value.type) {
      case BsonType.int: {
        const number = Math.abs(readInt32(value.buffer, value.start));
        return number > 0x7fff_ffff ? longValue(BigInt(number)) : intValue(number);
      }
      case BsonType.long: {
        const number = readInt64(value.buffer, value.start);
        if (number === -(2n ** 63n)) {
          throw new MongoServerError(28680, "can't take $abs of long long min");
        }
        return longValue(number < 0n ? -number : number);
      }
      case BsonType.double:
        return doubleValue(Math.abs(readDouble(value.buffer, value.start)));
      case BsonType.decimal:
        return decimalValue({ ...readDecimal(value.buffer, value.start), negative: false });
      default:
        return value;
    }
  },
};
