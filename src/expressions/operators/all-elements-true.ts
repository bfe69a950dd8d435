import { BsonType } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { elementsOf } from '../elements.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { boolValue, isTruthy, typeName } from '../value.ts';

/** `$allElementsTrue` of an array. */
export const allElementsTrue: PlainOperator = {
  kind: 'plain',
  name: '$allElementsTrue',
  arity: exactly(1),
  evaluate([array]) {
    if (array?.type === BsonType.array) return boolValue(elementsOf(array).every(isTruthy));
    throw new MongoServerError(
      17040,
      `$allElementsTrue's argument must be an array, but is ${typeName(array)}`,
    );
  },
};
