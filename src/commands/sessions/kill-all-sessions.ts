import { defineCommand } from '../command.ts';
import { killOperationsOf } from './kill-sessions.ts';

export const killAllSessions = defineCommand<readonly unknown[]>({
  name: 'killAllSessions',
  help: 'Ends the sessions of the users named, of everybody when none is named.',
  access: 'admin',
  runsOn: 'anyMember',
  parse(body) {
    body.requireArray(body.name);
    return body.decode(body.name) as unknown[];
  },
  run(users, context) {
    // There are no users yet, so a list of users names nobody.
    if (users.length === 0) killOperationsOf(() => true, context);
    return {};
  },
});
