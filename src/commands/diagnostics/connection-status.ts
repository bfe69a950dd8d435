import { defineCommand } from '../command.ts';

export const connectionStatus = defineCommand<boolean>({
  name: 'connectionStatus',
  help: 'Tells who is logged in on this connection.',
  access: 'none',
  runsOn: 'anyMember',
  beforeAuth: true,
  parse(body) {
    body.rejectUnknown(['showPrivileges']);
    return body.optionalBool('showPrivileges') ?? false;
  },
  run: (showPrivileges) => ({
    authInfo: {
      authenticatedUsers: [],
      authenticatedUserRoles: [],
      ...(showPrivileges && { authenticatedUserPrivileges: [] }),
    },
  }),
});
