import type { RawValue } from '../bson/index.ts';
import { countDocuments } from '../database/index.ts';
import { defineCommand } from './command.ts';
import type { CommandBody } from './command-body.ts';
import { refuseLater } from './later-options.ts';

export interface Count {
  readonly namespace: string;
  readonly filter: RawValue | undefined;
  readonly hint: RawValue | undefined;
  readonly skip: number;
  /** 0: none. */
  readonly limit: number;
}

export const count = defineCommand<Count>({
  name: 'count',
  help: 'Counts the documents that match a filter.',
  access: 'read',
  runsOn: 'secondaryOk',
  namesCollection: true,
  parse: readCount,
  async run(request, { database, operation, readConcern }) {
    const n = await countDocuments(database, operation, readConcern.level, request);
    return { n };
  },
});

export function readCount(body: CommandBody): Count {
  body.rejectUnknown(['query', 'limit', 'skip', 'hint', 'collation', 'fields']);
  refuseLater(body, ['collation']);
  return {
    namespace: body.namespace(),
    filter: body.optionalDocument('query'),
    hint: body.value('hint'),
    skip: body.optionalInt('skip', { minimum: 0 }) ?? 0,
    // A negative limit counts like a positive one.
    limit: Math.abs(body.optionalInt('limit') ?? 0),
  };
}
