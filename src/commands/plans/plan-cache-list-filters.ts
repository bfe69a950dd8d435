import { defineCommand } from '../command.ts';
import { refuseOnViewOrTimeSeries } from '../documents/views.ts';

export const planCacheListFilters = defineCommand<string>({
  name: 'planCacheListFilters',
  help: 'Lists the index filters of a collection.',
  access: 'admin',
  runsOn: 'secondaryOk',
  namesCollection: true,
  parse: (body) => body.namespace(),
  run(namespace, context) {
    const { database } = context;
    refuseOnViewOrTimeSeries(context);
    const collection = database.catalog.byNamespace(namespace);
    const filters = collection === undefined ? [] : database.indexFilters.list(collection);
    return { filters: filters.map(({ given }) => given) };
  },
});
