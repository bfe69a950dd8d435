import { defineCommand } from '../command.ts';
import { isInApiVersionOne } from '../dispatch/api-version.ts';

export const listCommands = defineCommand({
  name: 'listCommands',
  help: 'Lists the commands of this server.',
  access: 'none',
  runsOn: 'anyMember',
  beforeAuth: true,
  parse: () => undefined,
  run(_request, { commandTable }) {
    const commands: Record<string, unknown> = {};
    for (const [name, command] of commandTable) {
      if (name !== command.name) continue;
      commands[name] = {
        help: command.help,
        requiresAuth: command.beforeAuth !== true,
        secondaryOk: command.runsOn === 'anyMember',
        secondaryOverrideOk: command.runsOn === 'secondaryOk',
        adminOnly: command.adminOnly === true,
        apiVersions: isInApiVersionOne(name) ? ['1'] : [],
        deprecatedApiVersions: [],
      };
    }
    return { commands };
  },
});
