import { convert } from '../convert.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { isNullish, nullValue } from '../value.ts';

/** `$toDecimal`: null stays null; what has no decimal is an error (241). */
export const toDecimal: PlainOperator = {
  kind: 'plain',
  name: '$toDecimal',
  arity: exactly(1),
  evaluate: ([operand]) => (isNullish(operand) ? nullValue : convert(operand!, 'decimal')),
};
