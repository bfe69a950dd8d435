import {
  BsonType,
  type Decimal,
  decimalValue,
  multiplyDecimals,
  readDecimal,
  toNumber,
} from '../bson/index.ts';
import { exactly, type PlainOperator } from './expression.ts';
import { isNullOperand, numericOperand } from './numeric-operand.ts';
import { doubleValue } from './value.ts';

/** An operator that gives an angle in another unit: `factor` times a double, `decimalFactor` times a decimal. */
export function angleUnit(name: string, factor: number, decimalFactor: Decimal): PlainOperator {
  return {
    kind: 'plain',
    name,
    arity: exactly(1),
    evaluate([operand]) {
      const value = numericOperand(name, operand);
      if (isNullOperand(value)) return value;
      if (value.type === BsonType.decimal) {
        return decimalValue(
          multiplyDecimals(readDecimal(value.buffer, value.start), decimalFactor),
        );
      }
      return doubleValue(toNumber(value.buffer, value.type, value.start) * factor);
    },
  };
}
