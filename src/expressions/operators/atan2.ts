import { BsonType, decimalValue, toDecimal, toNumber } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { arctangentOfDecimals } from '../decimals/trigonometric.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { doubleValue, isNullish, isNumber, nullValue, typeName, type Value } from '../value.ts';

function checkNumber(value: Value): void {
  if (isNumber(value)) return;
  throw new MongoServerError(51044, `$atan2 only supports numeric types, not ${typeName(value)}`);
}

/** `$atan2`: `[y, x]`, a double, or a decimal if one of them is. */
export const atan2: PlainOperator = {
  kind: 'plain',
  name: '$atan2',
  arity: exactly(2),
  evaluate([left, right]) {
    if (isNullish(left) || isNullish(right)) return nullValue;
    const y = left!;
    const x = right!;
    checkNumber(y);
    checkNumber(x);
    if (y.type === BsonType.decimal || x.type === BsonType.decimal) {
      return decimalValue(arctangentOfDecimals(toDecimal(y), toDecimal(x)));
    }
    const ordinate = toNumber(y.buffer, y.type, y.start);
    return doubleValue(Math.atan2(ordinate, toNumber(x.buffer, x.type, x.start)));
  },
};
