import { BsonType } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { compareMaybe } from '../compare.ts';
import { elementsOf } from '../elements.ts';
import { between, type PlainOperator } from '../expression.ts';
import { position } from '../index-of.ts';
import { intValue, isNullish, nullValue, typeName } from '../value.ts';

/** `$indexOfArray`: `[array, value, from, behind]`; -1 when it is not there. */
export const indexOfArray: PlainOperator = {
  kind: 'plain',
  name: '$indexOfArray',
  arity: between(2, 4),
  evaluate(operands, collation) {
    const [array, value, from, behind] = operands;
    if (isNullish(array)) return nullValue;
    if (array!.type !== BsonType.array) {
      throw new MongoServerError(
        40090,
        `$indexOfArray requires an array as a first argument, found: ${typeName(array)}`,
      );
    }
    const elements = elementsOf(array!);
    const first = operands.length < 3 ? 0 : position('$indexOfArray', from, 'starting');
    const end = operands.length < 4 ? elements.length : position('$indexOfArray', behind, 'ending');
    for (let at = first; at < Math.min(end, elements.length); at++) {
      if (compareMaybe(elements[at], value, collation) === 0) return intValue(at);
    }
    return intValue(-1);
  },
};
