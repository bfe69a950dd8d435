import { BsonType } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { documentValue, type Value } from '../../expressions/index.ts';
import { FilterStage } from '../../plan/index.ts';
import { type Filter, parseFilter } from '../../query/index.ts';
import type { PipelineStage, StageDefinition } from '../pipeline-stage.ts';

const noArgument = documentValue(Buffer.from([5, 0, 0, 0, 0]));

/** A `$match` of this filter; `argument` as explain shows it. */
export function matchStage(filter: Filter, argument: Value = noArgument): PipelineStage {
  return {
    name: '$match',
    argument,
    filter,
    build: (source) => (filter.isEmpty ? source! : new FilterStage(source!, filter)),
  };
}

/** `$match`: lets through what the filter matches. */
export const match: StageDefinition = {
  name: '$match',
  parse(argument, { variables }) {
    if (argument.type !== BsonType.object) {
      throw new MongoServerError(15959, 'the match filter must be an expression in an object');
    }
    const filter = parseFilter(argument.buffer, argument.start, { variables, place: 'match' });
    return matchStage(filter, argument);
  },
};
