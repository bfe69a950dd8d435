import { defineCommand } from '../command.ts';

export const logout = defineCommand({
  name: 'logout',
  help: 'Ends the login of this connection.',
  access: 'none',
  runsOn: 'anyMember',
  beforeAuth: true,
  parse: () => undefined,
  run(_request, { connection }) {
    connection.user = undefined;
    return {};
  },
});
