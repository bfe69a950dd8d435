import { defineCommand } from './command.ts';

export const shutdown = defineCommand<{ force: boolean; timeoutSecs: number }>({
  name: 'shutdown',
  help: 'Stops this member cleanly; a primary steps down first.',
  access: 'admin',
  runsOn: 'anyMember',
  adminOnly: true,
  parse(body) {
    body.rejectUnknown(['force', 'timeoutSecs']);
    return {
      force: body.optionalBool('force') ?? false,
      timeoutSecs: body.optionalInt('timeoutSecs', { minimum: 0 }) ?? 15,
    };
  },
  async run(request, { server }) {
    await server.shutdown(request);
    return {};
  },
});
