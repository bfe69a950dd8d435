import { defineCommand } from '../command.ts';

export const getCmdLineOpts = defineCommand({
  name: 'getCmdLineOpts',
  help: 'Tells the options the server was started with.',
  access: 'admin',
  runsOn: 'anyMember',
  adminOnly: true,
  parse: (body) => body.rejectUnknown([]),
  run: (_request, { server }) => ({ argv: server.argv, parsed: server.options }),
});
