import { defineCommand } from '../command.ts';

export const top = defineCommand({
  name: 'top',
  help: 'Tells how much time was spent in each collection, in microseconds.',
  access: 'admin',
  runsOn: 'anyMember',
  adminOnly: true,
  parse: () => undefined,
  run(_request, { counters }) {
    const totals: Record<string, unknown> = { note: 'all times in microseconds' };
    for (const [namespace, use] of counters.namespaces) totals[namespace] = use.events;
    return { totals };
  },
});
