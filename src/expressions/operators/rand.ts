import { BsonType } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { SpecialOperator } from '../expression.ts';
import { doubleValue } from '../value.ts';

/** `$rand`: a double from 0 to 1, another one each time. */
export const rand: SpecialOperator = {
  kind: 'special',
  name: '$rand',
  parse(argument) {
    const isEmpty =
      (argument.type === BsonType.object || argument.type === BsonType.array) &&
      argument.end - argument.start === 5;
    if (!isEmpty) {
      throw argument.type === BsonType.object || argument.type === BsonType.array
        ? new MongoServerError(3040501, '$rand does not currently accept arguments')
        : new MongoServerError(10065, 'invalid parameter: expected an object ($rand)');
    }
    return { isConstant: false, evaluate: () => doubleValue(Math.random()) };
  },
};
