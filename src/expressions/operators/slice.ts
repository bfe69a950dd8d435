import { BsonType } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { wholeNumberOf } from '../coerce.ts';
import { elementsOf } from '../elements.ts';
import { between, type PlainOperator } from '../expression.ts';
import { arrayValue, isNullish, nullValue, typeName } from '../value.ts';

/** `$slice`: `[array, count]` or `[array, position, count]`. */
export const slice: PlainOperator = {
  kind: 'plain',
  name: '$slice',
  arity: between(2, 3),
  evaluate([array, second, third]) {
    if (isNullish(array) || isNullish(second)) return nullValue;
    if (array!.type !== BsonType.array) {
      throw new MongoServerError(
        28724,
        `First argument to $slice must be an array, but is of type: ${typeName(array)}`,
      );
    }
    const number = wholeNumberOf(second);
    if (number === undefined) {
      throw new MongoServerError(
        28725,
        `Second argument to $slice must be a numeric value, but is of type: ${typeName(second)}`,
      );
    }
    const elements = elementsOf(array!);
    if (third === undefined) {
      return arrayValue(number >= 0 ? elements.slice(0, number) : elements.slice(number));
    }
    if (isNullish(third)) return nullValue;
    const count = wholeNumberOf(third);
    if (count === undefined || count <= 0) {
      throw new MongoServerError(28729, 'Third argument to $slice must be positive');
    }
    const from = number >= 0 ? number : Math.max(0, elements.length + number);
    return arrayValue(elements.slice(from, from + count));
  },
};
