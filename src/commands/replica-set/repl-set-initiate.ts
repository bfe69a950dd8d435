import { MongoServerError } from '../../errors/index.ts';
import { defineCommand } from '../command.ts';
import { replicaSetOf } from '../dispatch/replica-set-of.ts';

export const replSetInitiate = defineCommand({
  name: 'replSetInitiate',
  help: 'Makes a new replica set of the members in the given configuration, or of this one alone.',
  access: 'admin',
  runsOn: 'anyMember',
  adminOnly: true,
  parse(body) {
    body.rejectUnknown([]);
    const value = body.decode(body.name);
    const isEmpty = value === null || value === undefined || typeof value !== 'object';
    if (isEmpty || Object.keys(value).length === 0) {
      return undefined;
    }
    if (Array.isArray(value)) {
      throw new MongoServerError('BadValue', 'the configuration must be a document');
    }
    return value as Record<string, unknown>;
  },
  async run(config, context) {
    await replicaSetOf(context).initiate(config);
    return {};
  },
});
