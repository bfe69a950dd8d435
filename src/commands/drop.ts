import { dropCollection } from '../database/index.ts';
import { defineCommand } from './command.ts';

/** Since 7.0 dropping a collection that is not there is success. */
export const drop = defineCommand<{ namespace: string }>({
  name: 'drop',
  help: 'Drops a collection.',
  access: 'write',
  runsOn: 'primary',
  namesCollection: true,
  parse(body) {
    body.rejectUnknown(['collectionUUID']);
    return { namespace: body.namespace() };
  },
  async run({ namespace }, { database, operation }) {
    const dropped = await dropCollection(database, operation, namespace);
    if (dropped === undefined) return {};
    return { nIndexesWas: dropped.indexes.length, ns: namespace };
  },
});
