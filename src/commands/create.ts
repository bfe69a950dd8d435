import { encodeDocument } from '../bson/index.ts';
import { createCollection } from '../database/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { defineCommand } from './command.ts';

/** Options that change what a collection is, none of which is there yet. */
const laterOptions = [
  'capped',
  'changeStreamPreAndPostImages',
  'clusteredIndex',
  'collation',
  'encryptedFields',
  'expireAfterSeconds',
  'max',
  'pipeline',
  'size',
  'timeseries',
  'validationAction',
  'validationLevel',
  'validator',
  'viewOn',
] as const;

const fields = new Set<string>([
  ...laterOptions,
  'autoIndexId',
  'flags',
  'idIndex',
  'indexOptionDefaults',
  'storageEngine',
  'temp',
]);

export const create = defineCommand<{ namespace: string }>({
  name: 'create',
  help: 'Creates a collection.',
  access: 'write',
  runsOn: 'primary',
  namesCollection: true,
  parse(body) {
    body.rejectUnknown(fields);
    for (const option of laterOptions) {
      if (body.has(option) && asksForSomething(body.decode(option))) {
        throw new MongoServerError(
          'NotImplemented',
          `create with option '${option}' is not implemented yet`,
        );
      }
    }
    return { namespace: body.namespace() };
  },
  async run({ namespace }, { database, operation }) {
    await createCollection(database, operation, namespace, encodeDocument({}));
    return {};
  },
});

/** False for what a driver or tool sends to say "the default". */
function asksForSomething(value: unknown): boolean {
  if (value === false || value === null || value === undefined) return false;
  if (value === 0) return false;
  if (typeof value === 'object' && 'enabled' in value) return value.enabled === true;
  if (typeof value === 'object' && 'locale' in value) return value.locale !== 'simple';
  return !(typeof value === 'object' && Object.keys(value).length === 0);
}
