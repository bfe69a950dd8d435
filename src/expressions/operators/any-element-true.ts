import { BsonType } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { elementsOf } from '../elements.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { boolValue, isTruthy, typeName } from '../value.ts';

/** `$anyElementTrue` of an array. */
export const anyElementTrue: PlainOperator = {
  kind: 'plain',
  name: '$anyElementTrue',
  arity: exactly(1),
  evaluate([array]) {
    if (array?.type === BsonType.array) return boolValue(elementsOf(array).some(isTruthy));
    throw new MongoServerError(
      17041,
      `$anyElementTrue's argument must be an array, but is ${typeName(array)}`,
    );
  },
};
