import { refuseLater } from '../collections/later-options.ts';
import { defineCommand } from '../command.ts';

/** There are no roles before authentication is built. */
export const rolesInfo = defineCommand({
  name: 'rolesInfo',
  help: 'Lists roles.',
  access: 'admin',
  runsOn: 'secondaryOk',
  parse(body) {
    body.rejectUnknown(['showAuthenticationRestrictions', 'showBuiltinRoles', 'showPrivileges']);
    refuseLater(body, ['showBuiltinRoles']);
  },
  run: () => ({ roles: [] }),
});
