import {
  BsonType,
  type Decimal,
  decimalValue,
  multiplyDecimals,
  readDecimal,
  toNumber,
} from '../../bson/index.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { isNullOperand, numericOperand } from '../numeric-operand.ts';
import { doubleValue } from '../value.ts';

/** 180 / π in 34 digits. */
const factor: Decimal = {
  kind: 'finite',
  negative: false,
  coefficient: 5729577951308232087679815481410517n,
  exponent: -32,
};

/** `$radiansToDegrees`: a double, or a decimal of a decimal. */
export const radiansToDegrees: PlainOperator = {
  kind: 'plain',
  name: '$radiansToDegrees',
  arity: exactly(1),
  evaluate([operand]) {
    const value = numericOperand('$radiansToDegrees', operand);
    if (isNullOperand(value)) return value;
    if (value.type === BsonType.decimal) {
      return decimalValue(multiplyDecimals(readDecimal(value.buffer, value.start), factor));
    }
    const number = toNumber(value.buffer, value.type, value.start);
    return doubleValue(number * (180 / Math.PI));
  },
};
