/** `$pop`: 1 takes the last element, -1 the first. */
import { BsonType, elementText, typeAlias } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { integralLong, isNumberType } from '../raw-number.ts';
import { arrayOf, elementsOf } from './array-elements.ts';
import { type UpdateOperator, unchanged } from './modifier.ts';

export const pop: UpdateOperator = {
  name: '$pop',
  parse(path, argument) {
    const field = path.split('.').at(-1)!;
    if (!isNumberType(argument.type)) {
      throw new MongoServerError(
        'FailedToParse',
        `Expected a number in: ${elementText(path, argument)}`,
      );
    }
    const end = integralLong(argument);
    if (end === undefined) {
      throw new MongoServerError(
        'FailedToParse',
        `Expected an integer: ${elementText(path, argument)}`,
      );
    }
    if (end !== 1n && end !== -1n) {
      throw new MongoServerError('FailedToParse', `$pop expects 1 or -1, found: ${end}`);
    }
    return {
      creates: false,
      mustReach: true,
      apply(current) {
        if (current === undefined) return unchanged;
        if (current.type !== BsonType.array) {
          throw new MongoServerError(
            'TypeMismatch',
            `Path '${field}' contains an element of non-array type '${typeAlias(current.type)}'`,
          );
        }
        const elements = elementsOf(current);
        if (elements.length === 0) return unchanged;
        return arrayOf(end === 1n ? elements.slice(0, -1) : elements.slice(1));
      },
    };
  },
};
