import { convert } from '../convert.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { isNullish, nullValue } from '../value.ts';

/** `$toString`: null stays null; what has no string is an error (241). */
export const toStringOperator: PlainOperator = {
  kind: 'plain',
  name: '$toString',
  arity: exactly(1),
  evaluate: ([operand]) => (isNullish(operand) ? nullValue : convert(operand!, 'string')),
};
