import { exactly, type PlainOperator } from '../expression.ts';
import { textValue, typeName } from '../value.ts';

/** `$type`: the alias of the type; `missing` for a missing value. */
export const type: PlainOperator = {
  kind: 'plain',
  name: '$type',
  arity: exactly(1),
  evaluate: ([operand]) => textValue(typeName(operand)),
};
