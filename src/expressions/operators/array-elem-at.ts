import { BsonType } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { wholeNumberOf } from '../coerce.ts';
import { elementsOf } from '../elements.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { isNullish, isNumber, nullValue, typeName } from '../value.ts';

/** `$arrayElemAt`: `[array, index]`; a negative index counts from the end; missing behind the ends. */
export const arrayElemAt: PlainOperator = {
  kind: 'plain',
  name: '$arrayElemAt',
  arity: exactly(2),
  evaluate([array, index]) {
    if (isNullish(array) || isNullish(index)) return nullValue;
    if (array!.type !== BsonType.array) {
      throw new MongoServerError(
        28689,
        `$arrayElemAt's first argument must be an array, but is ${typeName(array)}`,
      );
    }
    if (!isNumber(index!)) {
      throw new MongoServerError(
        28690,
        `$arrayElemAt's second argument must be a numeric value, but is ${typeName(index)}`,
      );
    }
    const at = wholeNumberOf(index);
    if (at === undefined) {
      throw new MongoServerError(
        28691,
        "$arrayElemAt's second argument must be representable as a 32-bit integer",
      );
    }
    return elementsOf(array!).at(at);
  },
};
