import { BsonType } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { elementsOf } from '../elements.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { arrayValue, isNullish, nullValue, typeName } from '../value.ts';

/** `$reverseArray`. */
export const reverseArray: PlainOperator = {
  kind: 'plain',
  name: '$reverseArray',
  arity: exactly(1),
  evaluate([array]) {
    if (isNullish(array)) return nullValue;
    if (array!.type !== BsonType.array) {
      throw new MongoServerError(
        34435,
        `The argument to $reverseArray must be an array, but was of type: ${typeName(array)}`,
      );
    }
    return arrayValue(elementsOf(array!).reverse());
  },
};
