import { BsonType, ElementReader } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { countValue } from '../value.ts';
import type { Accumulator } from './accumulator.ts';

/** `$count`: the number of documents; its argument is `{}`. */
export const count: Accumulator = {
  name: '$count',
  checkArgument(argument) {
    if (
      argument.type !== BsonType.object ||
      new ElementReader(argument.buffer, argument.start).next()
    ) {
      throw new MongoServerError('TypeMismatch', '$count takes no arguments, i.e. $count:{}');
    }
  },
  start() {
    let seen = 0;
    return {
      heldBytes: 0,
      add() {
        seen++;
      },
      result: () => countValue(seen),
    };
  },
};
