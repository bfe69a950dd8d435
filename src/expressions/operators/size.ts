import { BsonType } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { elementsOf } from '../elements.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { countValue, typeName } from '../value.ts';

/** `$size`: the number of elements. */
export const size: PlainOperator = {
  kind: 'plain',
  name: '$size',
  arity: exactly(1),
  evaluate([operand]) {
    if (operand?.type !== BsonType.array) {
      throw new MongoServerError(
        17124,
        `The argument to $size must be an array, but was of type: ${typeName(operand)}`,
      );
    }
    return countValue(elementsOf(operand).length);
  },
};
