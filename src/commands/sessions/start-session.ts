import { UUID } from 'bson';
import { defineCommand } from '../command.ts';

export const startSession = defineCommand({
  name: 'startSession',
  help: 'Gives a new session id.',
  access: 'none',
  runsOn: 'anyMember',
  parse: () => undefined,
  run: () => ({ id: { id: new UUID() }, timeoutMinutes: 30 }),
});
