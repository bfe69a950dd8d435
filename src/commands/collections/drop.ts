import { dropCollection, indexCount } from '../../database/index.ts';
import { defineCommand } from '../command.ts';

/** Since 7.0 dropping a collection that is not there is success. */
export const drop = defineCommand<{ namespace: string; uuid: Buffer | undefined }>({
  name: 'drop',
  help: 'Drops a collection.',
  access: 'write',
  runsOn: 'primary',
  namesCollection: true,
  parse(body) {
    body.rejectUnknown(['collectionUUID']);
    return { namespace: body.namespace(), uuid: body.optionalUuid('collectionUUID') };
  },
  async run({ namespace, uuid }, { database, operation, profiler, dbName }) {
    if (namespace === `${dbName}.system.profile` && profiler.drop(dbName)) return { ns: namespace };
    const dropped = await dropCollection(database, operation, namespace, uuid);
    if (dropped === undefined) return {};
    if (dropped === 'view') return { ns: namespace };
    return { nIndexesWas: indexCount(dropped), ns: namespace };
  },
});
