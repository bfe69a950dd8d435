import type { RawValue } from '../bson/index.ts';
import { createIndexes as createAll } from '../database/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { defineCommand } from './command.ts';

interface CreateIndexes {
  readonly namespace: string;
  readonly specs: readonly RawValue[];
  readonly ignoresUnknown: boolean;
}

export const createIndexes = defineCommand<CreateIndexes>({
  name: 'createIndexes',
  help: 'Creates indexes on a collection.',
  access: 'write',
  runsOn: 'primary',
  namesCollection: true,
  parse(body) {
    body.rejectUnknown(['indexes', 'commitQuorum', 'ignoreUnknownIndexOptions', 'v']);
    const namespace = body.namespace();
    const specs = body.documents('indexes');
    if (specs.length === 0) {
      throw new MongoServerError('BadValue', 'Must specify at least one index to create');
    }
    const ignoresUnknown = body.optionalBool('ignoreUnknownIndexOptions') ?? false;
    return { namespace, specs, ignoresUnknown };
  },
  async run({ namespace, specs, ignoresUnknown }, { database, operation, replicaSet }) {
    const created = await createAll(database, operation, namespace, specs, {
      ignoresUnknown,
    });
    return {
      numIndexesBefore: created.before,
      numIndexesAfter: created.after,
      createdCollectionAutomatically: created.createdCollection,
      ...(replicaSet === undefined ? {} : { commitQuorum: 'votingMembers' }),
      ...(created.before === created.after ? { note: 'all indexes already exist' } : {}),
    };
  },
});
