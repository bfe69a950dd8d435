import { BsonType, type Collation } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { MetaWord, Value } from '../../expressions/index.ts';
import { Sort, WithMetadata } from '../../plan/index.ts';
import { parseSort } from '../../query/index.ts';
import type { PipelineStage, StageDefinition } from '../pipeline-stage.ts';

const sortKeyOnly: ReadonlySet<MetaWord> = new Set(['sortKey']);

/** A `$sort` by this pattern; `limit` 0 is all. */
export function sortStage(
  argument: Value,
  limit: number,
  collation: Collation | undefined,
): PipelineStage {
  const sort = parseSort(argument.buffer, argument.start, collation);
  return {
    name: '$sort',
    argument,
    sort,
    build(source, { metaWords }) {
      const sorted = new Sort(source!, sort, limit, sort.shown);
      return metaWords.has('sortKey') ? new WithMetadata(sorted, sortKeyOnly, sort) : sorted;
    },
  };
}

/** `$sort`. */
export const sort: StageDefinition = {
  name: '$sort',
  parse(argument, { variables }) {
    if (argument.type !== BsonType.object) {
      throw new MongoServerError(15973, 'the $sort key specification must be an object');
    }
    if (argument.end - argument.start === 5) {
      throw new MongoServerError(15976, '$sort stage must have at least one sort key');
    }
    return sortStage(argument, 0, variables.collation);
  },
};
