import { MongoServerError } from '../errors/index.ts';
import { defineCommand } from './command.ts';

export const setDefaultRwConcern = defineCommand({
  name: 'setDefaultRWConcern',
  help: 'Not implemented yet: the defaults are fixed.',
  access: 'admin',
  runsOn: 'primary',
  adminOnly: true,
  supportsWriteConcern: true,
  parse(): never {
    throw new MongoServerError('NotImplemented', 'setDefaultRWConcern is not implemented yet');
  },
  run: () => ({}),
});
