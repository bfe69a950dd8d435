import { convert } from '../convert.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { isNullish, nullValue } from '../value.ts';

/** `$toDate`: null stays null; what has no date is an error (241). */
export const toDate: PlainOperator = {
  kind: 'plain',
  name: '$toDate',
  arity: exactly(1),
  evaluate: ([operand]) => (isNullish(operand) ? nullValue : convert(operand!, 'date')),
};
