import { defineCommand } from '../command.ts';
import { readSessionIds } from '../dispatch/session-ids.ts';

export const refreshSessions = defineCommand({
  name: 'refreshSessions',
  help: 'Keeps sessions from timing out.',
  access: 'none',
  runsOn: 'anyMember',
  parse: readSessionIds,
  run: () => ({}),
});
