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

/** π / 180 in 34 digits. */
const factor: Decimal = {
  kind: 'finite',
  negative: false,
  coefficient: 1745329251994329576923690768488613n,
  exponent: -35,
};

/** `$degreesToRadians`: a double, or a decimal of a decimal. */
export const degreesToRadians: PlainOperator = {
  kind: 'plain',
  name: '$degreesToRadians',
  arity: exactly(1),
  evaluate([operand]) {
    const value = numericOperand('$degreesToRadians', operand);
    if (isNullOperand(value)) return value;
    if (value.type === BsonType.decimal) {
      return decimalValue(multiplyDecimals(readDecimal(value.buffer, value.start), factor));
    }
    const number = toNumber(value.buffer, value.type, value.start);
    return doubleValue(number * (Math.PI / 180));
  },
};
