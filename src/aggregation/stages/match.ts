import { BsonType } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { FilterStage } from '../../plan/index.ts';
import { parseFilter } from '../../query/index.ts';
import type { StageDefinition } from '../pipeline-stage.ts';

/** `$match`: lets through what the filter matches. */
export const match: StageDefinition = {
  name: '$match',
  parse(argument, { variables }) {
    if (argument.type !== BsonType.object) {
      throw new MongoServerError(15959, 'the match filter must be an expression in an object');
    }
    const filter = parseFilter(argument.buffer, argument.start, { variables, place: 'match' });
    return {
      name: '$match',
      argument,
      filter,
      build: (source) => (filter.isEmpty ? source! : new FilterStage(source!, filter)),
    };
  },
};
