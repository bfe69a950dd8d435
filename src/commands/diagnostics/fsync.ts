import { MongoServerError } from '../../errors/index.ts';
import { defineCommand } from '../command.ts';

export const fsync = defineCommand({
  name: 'fsync',
  help: 'Writes everything to disk; what was acknowledged is there already.',
  access: 'admin',
  runsOn: 'anyMember',
  adminOnly: true,
  parse(body) {
    if (body.optionalBool('lock') === true) {
      throw new MongoServerError('NotImplemented', 'fsync with lock is not implemented yet');
    }
    return undefined;
  },
  run: () => ({ numFiles: 1 }),
});
