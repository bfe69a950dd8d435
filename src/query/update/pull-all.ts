import { BsonType, typeAlias } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { equalValues } from './add-to-set.ts';
import { elementsOf } from './array-elements.ts';
import type { UpdateOperator } from './modifier.ts';
import { remover } from './remover.ts';

/** `$pullAll`: removes the elements that are equal to a value of the list. */
export const pullAll: UpdateOperator = {
  name: '$pullAll',
  parse(_path, argument, collation) {
    if (argument.type !== BsonType.array) {
      throw new MongoServerError(
        'BadValue',
        `$pullAll requires an array argument but was given a ${typeAlias(argument.type)}`,
      );
    }
    const values = elementsOf(argument);
    return remover((element) => !values.some((value) => equalValues(value, element, collation)));
  },
};
