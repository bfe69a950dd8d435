import { MongoServerError } from '../../errors/index.ts';
import { Limit } from '../../plan/index.ts';
import type { StageDefinition } from '../pipeline-stage.ts';
import { wholeCount } from './whole-count.ts';

/** `$limit`: at most so many documents. */
export const limit: StageDefinition = {
  name: '$limit',
  parse(argument) {
    const count = wholeCount(argument, 5107201, '$limit');
    if (count === 0) throw new MongoServerError(15958, 'the limit must be positive');
    return {
      name: '$limit',
      argument,
      limit: count,
      build: (source) => new Limit(source!, count),
    };
  },
};
