import { BsonType } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { elementsOf, type Transform, textOf } from '../../expressions/index.ts';

import { leavingOut } from './project.ts';

/** `$unset`: leaves out the named fields. */
export const unset: Transform = {
  name: '$unset',
  parse(argument, context) {
    const names = argument.type === BsonType.array ? elementsOf(argument) : [argument];
    if (names.length === 0) {
      throw new MongoServerError(
        31119,
        '$unset specification must be a string or an array with at least one field',
      );
    }
    for (const name of names) {
      if (name.type !== BsonType.string) {
        throw argument.type === BsonType.array
          ? new MongoServerError(
              31120,
              '$unset specification must be a string or an array containing only string values',
            )
          : new MongoServerError(31002, '$unset specification must be a string or an array');
      }
    }
    return leavingOut(names.map(textOf), context);
  },
};
