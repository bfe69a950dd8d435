import { convert } from '../convert.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { isNullish, nullValue } from '../value.ts';

/** `$toInt`: null stays null; what has no int is an error (241). */
export const toInt: PlainOperator = {
  kind: 'plain',
  name: '$toInt',
  arity: exactly(1),
  evaluate: ([operand]) => (isNullish(operand) ? nullValue : convert(operand!, 'int')),
};
