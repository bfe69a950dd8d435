import { defineCommand } from './command.ts';
import { readSessionIds } from './session-ids.ts';

/** Sessions hold nothing yet that outlives a command; their ids are checked all the same. */
export const endSessions = defineCommand({
  name: 'endSessions',
  help: 'Ends sessions before they time out.',
  access: 'none',
  runsOn: 'anyMember',
  beforeAuth: true,
  parse: readSessionIds,
  run: () => ({}),
});
