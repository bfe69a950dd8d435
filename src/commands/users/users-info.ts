import { defineCommand } from '../command.ts';

/** There are no users before authentication is built. */
export const usersInfo = defineCommand({
  name: 'usersInfo',
  help: 'Lists users.',
  access: 'admin',
  runsOn: 'secondaryOk',
  parse: (body) =>
    body.rejectUnknown([
      'filter',
      'showAuthenticationRestrictions',
      'showCredentials',
      'showCustomData',
      'showPrivileges',
    ]),
  run: () => ({ users: [] }),
});
