import { BsonType } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { elementsOf } from '../elements.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { isNullish, nullValue, typeName } from '../value.ts';

/** `$last` of an array; missing when it is empty. */
export const last: PlainOperator = {
  kind: 'plain',
  name: '$last',
  arity: exactly(1),
  evaluate([array]) {
    if (isNullish(array)) return nullValue;
    if (array!.type !== BsonType.array) {
      throw new MongoServerError(
        28689,
        `$last's argument must be an array, but is ${typeName(array)}`,
      );
    }
    return elementsOf(array!).at(-1);
  },
};
