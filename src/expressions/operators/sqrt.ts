import {
  BsonType,
  type Decimal,
  decimalValue,
  readDecimal,
  squareRootOfDecimal,
  toNumber,
} from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { isNullOperand, numericOperand } from '../numeric-operand.ts';
import { doubleValue } from '../value.ts';

function belowZero(): MongoServerError {
  return new MongoServerError(28714, "$sqrt's argument must be greater than or equal to 0");
}

function isBelowZero({ kind, negative, coefficient }: Decimal): boolean {
  return kind !== 'nan' && negative && (kind === 'infinite' || coefficient !== 0n);
}

/** `$sqrt`: a double, or a decimal of a decimal. */
export const sqrt: PlainOperator = {
  kind: 'plain',
  name: '$sqrt',
  arity: exactly(1),
  evaluate([operand]) {
    const value = numericOperand('$sqrt', operand);
    if (isNullOperand(value)) return value;
    if (value.type === BsonType.decimal) {
      const decimal = readDecimal(value.buffer, value.start);
      if (isBelowZero(decimal)) throw belowZero();
      return decimalValue(squareRootOfDecimal(decimal));
    }
    const number = toNumber(value.buffer, value.type, value.start);
    if (number < 0) throw belowZero();
    return doubleValue(Math.sqrt(number));
  },
};
