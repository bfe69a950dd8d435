import { convert } from '../convert.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { isNullish, nullValue } from '../value.ts';

/** `$toObjectId`: null stays null; what has no objectId is an error (241). */
export const toObjectId: PlainOperator = {
  kind: 'plain',
  name: '$toObjectId',
  arity: exactly(1),
  evaluate: ([operand]) => (isNullish(operand) ? nullValue : convert(operand!, 'objectId')),
};
