import { MongoServerError } from '../../errors/index.ts';
import { defineCommand } from '../command.ts';
import { concernsReply } from '../dispatch/default-concerns.ts';

export const getDefaultRwConcern = defineCommand<{ readonly inMemory: boolean }>({
  name: 'getDefaultRWConcern',
  help: 'Tells the read and write concern of commands that name none.',
  access: 'admin',
  runsOn: 'anyMember',
  adminOnly: true,
  parse(body) {
    body.rejectUnknown(['inMemory']);
    return { inMemory: body.optionalBool('inMemory') ?? false };
  },
  run({ inMemory }, { replicaSet, database }) {
    if (replicaSet === undefined) {
      throw new MongoServerError(
        51300,
        "'getDefaultRWConcern' is not supported on standalone nodes.",
      );
    }
    return { ...concernsReply(database), ...(inMemory ? { inMemory } : {}) };
  },
});
