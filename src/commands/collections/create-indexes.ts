import type { RawValue } from '../../bson/index.ts';
import { type CreateIndexesOptions, createIndexes as createAll } from '../../database/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { defineCommand } from '../command.ts';
import { readCommitQuorum } from './commit-quorum-option.ts';

interface CreateIndexes {
  readonly namespace: string;
  readonly specs: readonly RawValue[];
  readonly options: CreateIndexesOptions;
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
    const quorum = readCommitQuorum(body);
    if (specs.length === 0) {
      throw new MongoServerError('BadValue', 'Must specify at least one index to create');
    }
    const ignoresUnknown = body.optionalBool('ignoreUnknownIndexOptions') ?? false;
    return { namespace, specs, options: { ignoresUnknown, quorum } };
  },
  async run({ namespace, specs, options }, { database, operation, replicaSet }) {
    const { quorum } = options;
    if (quorum !== undefined) {
      if (replicaSet === undefined) {
        throw new MongoServerError('BadValue', "Standalones can't specify commitQuorum");
      }
      database.buildVoters?.check(quorum);
    }
    const created = await createAll(database, operation, namespace, specs, options);
    return {
      numIndexesBefore: created.before,
      numIndexesAfter: created.after,
      createdCollectionAutomatically: created.createdCollection,
      ...(replicaSet === undefined ? {} : { commitQuorum: quorum ?? 0 }),
      ...(created.before === created.after ? { note: 'all indexes already exist' } : {}),
    };
  },
});
