import type { RawValue } from '../../bson/index.ts';
import type { GivenCollation } from '../../collation/index.ts';
import { countDocuments } from '../../database/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { defineCommand } from '../command.ts';
import { readCollation } from '../dispatch/collation-option.ts';
import type { CommandBody } from '../dispatch/command-body.ts';
import { exactLong, numberOf } from '../dispatch/field-values.ts';
import { viewBehind } from './view-behind.ts';
import { countOnView } from './views.ts';

export interface Count {
  readonly namespace: string;
  readonly filter: RawValue | undefined;
  readonly hint: RawValue | undefined;
  readonly skip: number;
  /** 0: none. */
  readonly limit: number;
  readonly collation: GivenCollation | undefined;
}

export const count = defineCommand<Count>({
  name: 'count',
  help: 'Counts the documents that match a filter.',
  access: 'read',
  runsOn: 'secondaryOk',
  namesCollection: true,
  parse: readCount,
  async run(request, context) {
    const { database, operation, readConcern } = context;
    const view = viewBehind(context, request.namespace);
    if (view !== undefined) {
      return { n: await countOnView(request, view, context) };
    }
    const n = await countDocuments(database, operation, readConcern.level, request);
    return { n };
  },
});

export function readCount(body: CommandBody): Count {
  body.rejectUnknown(['query', 'limit', 'skip', 'hint', 'collation', 'fields']);
  return {
    namespace: body.namespace(),
    filter: body.optionalDocument('query'),
    hint: body.value('hint'),
    skip: body.optionalInt('skip', { minimum: 0 }) ?? 0,
    limit: readLimit(body),
    collation: readCollation(body),
  };
}

/** A negative limit counts like a positive one. */
function readLimit(body: CommandBody): number {
  const value = body.value('limit');
  if (value === undefined) return 0;
  if (numberOf(value) === undefined) {
    throw new MongoServerError('BadValue', 'limit value is not a valid number');
  }
  const limit = exactLong(value);
  if (limit === undefined) {
    throw new MongoServerError('FailedToParse', 'limit value cannot be represented as a long');
  }
  if (limit === -(2n ** 63n)) {
    throw new MongoServerError('BadValue', 'the smallest long is no limit');
  }
  return Math.abs(Number(limit));
}
