import { BsonType } from '../../../bson/index.ts';
import { boolValue } from '../../value.ts';
import { exactly, type PlainOperator } from '../expression.ts';

/** `$isArray`. */
export const isArray: PlainOperator = {
  kind: 'plain',
  name: '$isArray',
  arity: exactly(1),
  evaluate: ([operand]) => boolValue(operand?.type === BsonType.array),
};
