import { convert } from '../convert.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { isNullish, nullValue } from '../value.ts';

/** `$toDouble`: null stays null; what has no double is an error (241). */
export const toDouble: PlainOperator = {
  kind: 'plain',
  name: '$toDouble',
  arity: exactly(1),
  evaluate: ([operand]) => (isNullish(operand) ? nullValue : convert(operand!, 'double')),
};
