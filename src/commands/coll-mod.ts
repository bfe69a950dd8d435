import { existingCollection } from '../database/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { defineCommand } from './command.ts';
import { asksForSomething } from './later-options.ts';

/** Every change it could make belongs to a feature that is not there yet; a change of nothing is success. */
const options = [
  'cappedMax',
  'cappedSize',
  'changeStreamPreAndPostImages',
  'expireAfterSeconds',
  'index',
  'pipeline',
  'timeseries',
  'validationAction',
  'validationLevel',
  'validator',
  'viewOn',
] as const;

export const collMod = defineCommand<{ namespace: string; asked: string | undefined }>({
  name: 'collMod',
  help: 'Changes options of a collection.',
  access: 'write',
  runsOn: 'primary',
  namesCollection: true,
  parse(body) {
    body.rejectUnknown([...options, 'dryRun']);
    return {
      namespace: body.namespace(),
      asked: options.find((option) => asksForSomething(body.decode(option))),
    };
  },
  run({ namespace, asked }, { database }) {
    existingCollection(database.catalog, namespace);
    if (asked !== undefined) {
      throw new MongoServerError(
        'NotImplemented',
        `collMod with '${asked}' is not implemented yet`,
      );
    }
    return {};
  },
});
