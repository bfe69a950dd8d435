import { convert } from '../convert.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { isNullish, nullValue } from '../value.ts';

/** `$toLong`: null stays null; what has no long is an error (241). */
export const toLong: PlainOperator = {
  kind: 'plain',
  name: '$toLong',
  arity: exactly(1),
  evaluate: ([operand]) => (isNullish(operand) ? nullValue : convert(operand!, 'long')),
};
