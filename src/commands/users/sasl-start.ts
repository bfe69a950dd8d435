import { MongoServerError } from '../../errors/index.ts';
import { defineCommand } from '../command.ts';

export const saslStart = defineCommand<string>({
  name: 'saslStart',
  help: 'Begins a login.',
  access: 'none',
  runsOn: 'anyMember',
  beforeAuth: true,
  parse: (body) => body.requireString('mechanism'),
  run(mechanism) {
    throw new MongoServerError(
      'MechanismUnavailable',
      `Received authentication for mechanism ${mechanism} which is not enabled`,
    );
  },
});
