import { MongoServerError } from '../../errors/index.ts';
import { defineCommand } from '../command.ts';

export const saslContinue = defineCommand({
  name: 'saslContinue',
  help: 'Goes on with a login.',
  access: 'none',
  runsOn: 'anyMember',
  beforeAuth: true,
  parse: () => undefined,
  run() {
    throw new MongoServerError('ProtocolError', 'No SASL session state found');
  },
});
