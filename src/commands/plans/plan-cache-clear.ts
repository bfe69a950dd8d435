import { planCacheShape } from '../../plan/index.ts';
import { defineCommand } from '../command.ts';
import type { CommandBody } from '../dispatch/command-body.ts';
import { refuseOnViewOrTimeSeries } from '../documents/views.ts';
import { readShape } from './plan-cache-shape.ts';

/** Manual: planCacheClear. Without a query, all plans of the collection. */
export const planCacheClear = defineCommand<{ namespace: string; body: CommandBody }>({
  name: 'planCacheClear',
  help: 'Removes cached plans of a collection: those of one query shape, or all.',
  access: 'admin',
  runsOn: 'secondaryOk',
  namesCollection: true,
  parse: (body) => ({ namespace: body.namespace(), body }),
  run({ namespace, body }, context) {
    const { database } = context;
    refuseOnViewOrTimeSeries(context);
    const collection = database.catalog.byNamespace(namespace);
    if (collection === undefined) return {};
    const wanted = readShape(body);
    database.planCache.clear(collection, wanted && planCacheShape(wanted.shape));
    return {};
  },
});
