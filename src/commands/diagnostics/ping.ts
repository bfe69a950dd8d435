import { defineCommand } from '../command.ts';

export const ping = defineCommand({
  name: 'ping',
  help: 'Answers ok as long as the server lives.',
  access: 'none',
  runsOn: 'anyMember',
  beforeAuth: true,
  parse: (body) => body.rejectUnknown([]),
  run: () => ({}),
});
