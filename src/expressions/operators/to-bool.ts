import { convert } from '../convert.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { isNullish, nullValue } from '../value.ts';

/** `$toBool`: null stays null; what has no bool is an error (241). */
export const toBool: PlainOperator = {
  kind: 'plain',
  name: '$toBool',
  arity: exactly(1),
  evaluate: ([operand]) => (isNullish(operand) ? nullValue : convert(operand!, 'bool')),
};
