import { exactly, type PlainOperator } from '../expression.ts';
import { boolValue, isNumber as isNumeric } from '../value.ts';

/** `$isNumber`. */
export const isNumber: PlainOperator = {
  kind: 'plain',
  name: '$isNumber',
  arity: exactly(1),
  evaluate: ([operand]) => boolValue(operand !== undefined && isNumeric(operand)),
};
