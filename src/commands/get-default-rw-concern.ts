import { MongoServerError } from '../errors/index.ts';
import { defineCommand } from './command.ts';

export const getDefaultRwConcern = defineCommand({
  name: 'getDefaultRWConcern',
  help: 'Tells the read and write concern of commands that name none.',
  access: 'admin',
  runsOn: 'anyMember',
  adminOnly: true,
  parse(body) {
    body.rejectUnknown(['inMemory']);
    return undefined;
  },
  run(_request, { replicaSet }) {
    if (replicaSet === undefined) {
      throw new MongoServerError(
        51300,
        "'getDefaultRWConcern' is not supported on standalone nodes.",
      );
    }
    return {
      defaultReadConcern: { level: 'local' },
      defaultWriteConcern: { w: 'majority', wtimeout: 0 },
      defaultWriteConcernSource: 'implicit',
      defaultReadConcernSource: 'implicit',
      localUpdateWallClockTime: new Date(),
    };
  },
});
