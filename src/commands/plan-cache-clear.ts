import { defineCommand } from './command.ts';
import type { CommandBody } from './command-body.ts';
import { readShape } from './plan-cache-shape.ts';

/** The planner keeps no plans, so none is left: the command checks what it is given. */
export const planCacheClear = defineCommand<{ namespace: string; body: CommandBody }>({
  name: 'planCacheClear',
  help: 'Removes cached plans of a collection; no plan is ever cached.',
  access: 'admin',
  runsOn: 'secondaryOk',
  namesCollection: true,
  parse: (body) => ({ namespace: body.namespace(), body }),
  run({ namespace, body }, { database }) {
    if (database.catalog.byNamespace(namespace) !== undefined) readShape(body);
    return {};
  },
});
