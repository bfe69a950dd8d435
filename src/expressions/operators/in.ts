import { BsonType } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { compareMaybe } from '../compare.ts';
import { elementsOf } from '../elements.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { boolValue, typeName } from '../value.ts';

/** `$in`: `[value, array]`. */
export const inOperator: PlainOperator = {
  kind: 'plain',
  name: '$in',
  arity: exactly(2),
  evaluate([value, array], collation) {
    if (array?.type !== BsonType.array) {
      throw new MongoServerError(
        40081,
        `$in requires an array as a second argument, found: ${typeName(array)}`,
      );
    }
    return boolValue(
      elementsOf(array).some((element) => compareMaybe(value, element, collation) === 0),
    );
  },
};
