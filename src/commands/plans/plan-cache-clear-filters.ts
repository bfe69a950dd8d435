import { defineCommand } from '../command.ts';
import type { CommandBody } from '../dispatch/command-body.ts';
import { refuseOnViewOrTimeSeries } from '../documents/views.ts';
import { readShape } from './plan-cache-shape.ts';

export const planCacheClearFilters = defineCommand<{ namespace: string; body: CommandBody }>({
  name: 'planCacheClearFilters',
  help: 'Removes the index filter of a query shape, or all of a collection.',
  access: 'admin',
  runsOn: 'secondaryOk',
  namesCollection: true,
  parse: (body) => ({ namespace: body.namespace(), body }),
  run({ namespace, body }, context) {
    const { database } = context;
    refuseOnViewOrTimeSeries(context);
    const collection = database.catalog.byNamespace(namespace);
    if (collection !== undefined) {
      database.indexFilters.clear(collection, readShape(body)?.shape);
    }
    return {};
  },
});
