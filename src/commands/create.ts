import { createCollection } from '../database/index.ts';
import { defineCommand } from './command.ts';
import { collectionOptionFields, readCollectionOptions } from './create-options.ts';
import { checkIdIndex } from './id-index-spec.ts';
import { refuseLater } from './later-options.ts';

/** Options that change what a collection is, none of which is there yet. */
const laterOptions = [
  'autoIndexId',
  'clusteredIndex',
  'collation',
  'encryptedFields',
  'expireAfterSeconds',
  'flags',
  'indexOptionDefaults',
  'pipeline',
  'storageEngine',
  'temp',
  'timeseries',
  'validationAction',
  'validationLevel',
  'validator',
  'viewOn',
] as const;

const fields = new Set<string>([...laterOptions, ...collectionOptionFields, 'idIndex']);

export const create = defineCommand<{ namespace: string; options: Buffer }>({
  name: 'create',
  help: 'Creates a collection.',
  access: 'write',
  runsOn: 'primary',
  namesCollection: true,
  parse(body) {
    body.rejectUnknown(fields);
    refuseLater(body, laterOptions);
    checkIdIndex(body);
    return { namespace: body.namespace(), options: readCollectionOptions(body) };
  },
  async run({ namespace, options }, { database, operation }) {
    await createCollection(database, operation, namespace, options);
    return {};
  },
});
