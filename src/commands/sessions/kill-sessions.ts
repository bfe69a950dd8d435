import { type CommandContext, defineCommand } from '../command.ts';
import { readSessionIds } from '../dispatch/session-ids.ts';

export const killSessions = defineCommand<readonly string[]>({
  name: 'killSessions',
  help: 'Ends sessions and the commands that run in them.',
  access: 'none',
  runsOn: 'anyMember',
  parse: readSessionIds,
  run(ids, context) {
    const wanted = new Set(ids);
    killOperationsOf((id) => wanted.has(id), context);
    return {};
  },
});

/** Ends the cursors of sessions, interrupts what runs in them; never the command that asks. */
export function killOperationsOf(
  chosen: (sessionId: string) => boolean,
  context: CommandContext,
): void {
  for (const operation of context.operations.all()) {
    if (operation === context.operation || operation.session === undefined) continue;
    if (chosen(operation.session.id)) operation.kill();
  }
  closeCursorsOf(chosen, context);
}

export function closeCursorsOf(
  chosen: (sessionId: string) => boolean,
  context: CommandContext,
): void {
  context.database.cursors.killWhere(
    ({ options: { session } }) => session !== undefined && chosen(session),
  );
}
