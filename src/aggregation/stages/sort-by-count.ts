import { BsonType, DocumentWriter } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { documentValue, textOf } from '../../expressions/index.ts';
import type { StageDefinition } from '../pipeline-stage.ts';

import { group } from './group.ts';
import { sort } from './sort.ts';

/** `$sortByCount`: groups by an expression, and sorts by the size of the groups. */
export const sortByCount: StageDefinition = {
  name: '$sortByCount',
  parse(argument, context, place) {
    const isPath = argument.type === BsonType.string && textOf(argument).startsWith('$');
    if (!isPath && argument.type !== BsonType.object) {
      throw new MongoServerError(
        40149,
        'the sortByCount field must be specified as a string or as an object',
      );
    }
    const writer = new DocumentWriter();
    writer.startDocument();
    writer.raw('_id', argument);
    writer.startObject('count');
    writer.int32('$sum', 1);
    writer.endObject();
    writer.end();
    const grouping = group.parse(documentValue(writer.finish()), context, place);
    writer.startDocument();
    writer.int32('count', -1);
    writer.end();
    return [grouping, sort.parse(documentValue(writer.finish()), context, place)].flat();
  },
};
