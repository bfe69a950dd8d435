import { BsonType } from '../../bson/index.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { boolValue } from '../value.ts';

/** `$isArray`. */
export const isArray: PlainOperator = {
  kind: 'plain',
  name: '$isArray',
  arity: exactly(1),
  evaluate: ([operand]) => boolValue(operand?.type === BsonType.array),
};
