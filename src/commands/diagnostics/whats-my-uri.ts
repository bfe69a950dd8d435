import { defineCommand } from '../command.ts';

export const whatsMyUri = defineCommand({
  name: 'whatsmyuri',
  help: 'Tells the address of the client as the server sees it.',
  access: 'none',
  runsOn: 'anyMember',
  beforeAuth: true,
  parse: () => undefined,
  run: (_request, { connection }) => ({
    you: `${connection.remoteAddress}:${connection.remotePort}`,
  }),
});
