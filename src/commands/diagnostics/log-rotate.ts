import { defineCommand } from '../command.ts';

export const logRotate = defineCommand({
  name: 'logRotate',
  help: 'Starts a new log file.',
  access: 'admin',
  runsOn: 'anyMember',
  adminOnly: true,
  parse: () => undefined,
  run(_request, { server }) {
    server.rotateLogs();
    return {};
  },
});
