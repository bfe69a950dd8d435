import { BsonType, typeAlias } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { ValueSet } from '../../expressions/index.ts';
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
    const values = new ValueSet(elementsOf(argument), collation);
    return remover((element) => !values.has(element));
  },
};
