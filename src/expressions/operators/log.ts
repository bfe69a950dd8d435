import { BsonType, decimalValue, toDecimal, toNumber } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { isAboveZero, isOne, logarithmToBase } from '../decimals/exponential.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { doubleValue, isNullish, isNumber, nullValue, typeName } from '../value.ts';

/** `$log`: `[number, base]`; a double, or a decimal if one of them is. With a NaN it is a double. */
export const log: PlainOperator = {
  kind: 'plain',
  name: '$log',
  arity: exactly(2),
  evaluate([number, base]) {
    if (isNullish(number) || isNullish(base)) return nullValue;
    if (!isNumber(number!)) {
      throw new MongoServerError(28756, `$log's argument must be numeric, not ${typeName(number)}`);
    }
    if (!isNumber(base!)) {
      throw new MongoServerError(28757, `$log's base must be numeric, not ${typeName(base)}`);
    }
    if (number!.type === BsonType.decimal || base!.type === BsonType.decimal) {
      const decimal = toDecimal(number!);
      const decimalBase = toDecimal(base!);
      if (isAboveZero(decimal) && isAboveZero(decimalBase) && !isOne(decimalBase)) {
        return decimalValue(logarithmToBase(decimal, decimalBase));
      }
    }
    const n = toNumber(number!.buffer, number!.type, number!.start);
    const b = toNumber(base!.buffer, base!.type, base!.start);
    if (n <= 0) {
      throw new MongoServerError(28758, `$log's argument must be a positive number, but is ${n}`);
    }
    if (b <= 0 || b === 1) {
      throw new MongoServerError(
        28759,
        `$log's base must be a positive number not equal to 1, but is ${b}`,
      );
    }
    return doubleValue(Math.log(n) / Math.log(b));
  },
};
