import { BsonType } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { type Hint, parseHint } from '../../plan/index.ts';
import { defineCommand } from '../command.ts';
import type { CommandBody } from '../dispatch/command-body.ts';
import { arrayValues } from '../dispatch/field-values.ts';
import { refuseOnViewOrTimeSeries } from '../documents/views.ts';
import { readShape } from './plan-cache-shape.ts';

export const planCacheSetFilter = defineCommand<{ namespace: string; body: CommandBody }>({
  name: 'planCacheSetFilter',
  help: 'Says which indexes queries of one shape may use.',
  access: 'admin',
  runsOn: 'secondaryOk',
  namesCollection: true,
  parse: (body) => ({ namespace: body.namespace(), body }),
  run({ namespace, body }, context) {
    const { database } = context;
    refuseOnViewOrTimeSeries(context);
    const collection = database.catalog.byNamespace(namespace);
    if (collection === undefined) throw new MongoServerError('BadValue', 'no such collection');
    const wanted = readShape(body);
    if (wanted === undefined) {
      throw new MongoServerError('BadValue', 'required field query missing');
    }
    database.indexFilters.set(collection, wanted.shape, {
      given: { ...wanted.given, indexes: body.decode('indexes') },
      indexes: readIndexes(body),
    });
    return {};
  },
});

/** Names and key patterns; whether such an index exists, and of what kind, is asked by each query. */
function readIndexes(body: CommandBody): Hint[] {
  const array = body.value('indexes');
  if (array === undefined) {
    throw new MongoServerError('BadValue', 'required field indexes missing');
  }
  if (array.type !== BsonType.array) {
    throw new MongoServerError('BadValue', 'required field indexes must be an array');
  }
  const indexes: Hint[] = [];
  for (const value of arrayValues(array)) {
    if (value.type !== BsonType.object && value.type !== BsonType.string) {
      throw new MongoServerError('BadValue', 'each item in indexes must be an object or a string');
    }
    const index = parseHint(value);
    if (index === undefined || (index.kind === 'name' && index.name === '')) {
      throw new MongoServerError('BadValue', 'an index specification cannot be empty');
    }
    indexes.push(index);
  }
  if (indexes.length === 0) {
    throw new MongoServerError(
      'BadValue',
      'required field indexes must contain at least one index',
    );
  }
  return indexes;
}
