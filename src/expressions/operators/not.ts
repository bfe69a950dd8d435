import { exactly, type PlainOperator } from '../expression.ts';
import { boolValue, isTruthy } from '../value.ts';

/** `$not`: true for what conditions take as false. */
export const not: PlainOperator = {
  kind: 'plain',
  name: '$not',
  arity: exactly(1),
  evaluate: ([operand]) => boolValue(!isTruthy(operand)),
};
