import { encodeDocument } from '../bson/index.ts';
import { createCollection } from '../database/index.ts';
import { defineCommand } from './command.ts';
import { checkIdIndex } from './id-index-spec.ts';
import { refuseLater } from './later-options.ts';

/** Options that change what a collection is, none of which is there yet. */
const laterOptions = [
  'autoIndexId',
  'capped',
  'changeStreamPreAndPostImages',
  'clusteredIndex',
  'collation',
  'encryptedFields',
  'expireAfterSeconds',
  'flags',
  'indexOptionDefaults',
  'max',
  'pipeline',
  'size',
  'storageEngine',
  'temp',
  'timeseries',
  'validationAction',
  'validationLevel',
  'validator',
  'viewOn',
] as const;

const fields = new Set<string>([...laterOptions, 'idIndex']);

export const create = defineCommand<{ namespace: string }>({
  name: 'create',
  help: 'Creates a collection.',
  access: 'write',
  runsOn: 'primary',
  namesCollection: true,
  parse(body) {
    body.rejectUnknown(fields);
    refuseLater(body, laterOptions);
    checkIdIndex(body);
    return { namespace: body.namespace() };
  },
  async run({ namespace }, { database, operation }) {
    await createCollection(database, operation, namespace, encodeDocument({}));
    return {};
  },
});
