/** Fields of the commands that list, check and tend collections and indexes. */
import { batch, type Step } from '../feature-row.ts';
import { acts, type CommandOptions, idle, indexOnA, refused } from './option-row.ts';

const made: Step = [{ create: 'things' }];

const listCollectionsOptions: CommandOptions = {
  command: 'listCollections',
  options: {
    filter: acts(
      made,
      [{ create: 'b' }],
      [{ listCollections: 1, filter: { name: 'b' } }, batch({ name: 'b' })],
    ),
    nameOnly: acts(made, [
      { listCollections: 1, nameOnly: true },
      ({ cursor: { firstBatch } }) => Object.keys(firstBatch[0]).join() === 'name,type',
    ]),
    cursor: acts(made, [
      { listCollections: 1, cursor: { batchSize: 0 } },
      ({ cursor }) => cursor.firstBatch.length === 0 && cursor.id > 0,
    ]),
    authorizedCollections: idle('there are no users: everything is authorized', made, [
      { listCollections: 1, authorizedCollections: true, nameOnly: true },
      batch({ name: 'things' }),
    ]),
  },
};

const listDatabasesOptions: CommandOptions = {
  command: 'listDatabases',
  options: {
    filter: acts([
      { listDatabases: 1, filter: { name: 'admin' }, $db: 'admin' },
      { databases: [{ name: 'admin' }] },
    ]),
    nameOnly: acts([
      { listDatabases: 1, nameOnly: true, $db: 'admin' },
      ({ databases }) => Object.keys(databases[0]).join() === 'name',
    ]),
    authorizedDatabases: idle('there are no users: everything is authorized', [
      { listDatabases: 1, authorizedDatabases: true, filter: { name: 'admin' }, $db: 'admin' },
      { databases: [{ name: 'admin' }] },
    ]),
  },
};

const listIndexesOptions: CommandOptions = {
  command: 'listIndexes',
  options: {
    cursor: acts(made, [
      { listIndexes: 'things', cursor: { batchSize: 0 } },
      ({ cursor }) => cursor.firstBatch.length === 0 && cursor.id > 0,
    ]),
    includeIndexBuildInfo: acts(made, [
      { listIndexes: 'things', includeIndexBuildInfo: true },
      batch({ spec: { name: '_id_' } }),
    ]),
    includeBuildUUIDs: acts(made, [
      { listIndexes: 'things', includeBuildUUIDs: true, includeIndexBuildInfo: true },
      72,
    ]),
  },
};

const setIndexCommitQuorumOptions: CommandOptions = {
  command: 'setIndexCommitQuorum',
  options: {
    indexNames: acts(indexOnA, [
      { setIndexCommitQuorum: 'things', indexNames: ['none'], commitQuorum: 1 },
      27,
    ]),
    commitQuorum: acts(indexOnA, [
      { setIndexCommitQuorum: 'things', indexNames: ['a_1'], commitQuorum: 9 },
      9,
    ]),
  },
};

const compactOptions: CommandOptions = {
  command: 'compact',
  options: {
    dryRun: acts(made, [{ compact: 'things', dryRun: true }, { estimatedBytesFreed: 0 }]),
    'force, freeSpaceTargetMB': idle(
      'freed pages are used again without compact, which frees and holds up nothing',
      made,
      [{ compact: 'things', force: true, freeSpaceTargetMB: 1 }, { bytesFreed: 0 }],
    ),
  },
};

const validateOptions: CommandOptions = {
  command: 'validate',
  options: {
    metadata: acts(made, [
      { validate: 'things', metadata: true },
      (reply) => !('nrecords' in reply),
    ]),
    'full, background, checkBSONConformance': idle(
      'every document and every index entry is checked, beside the writes, in any case',
      made,
      [{ validate: 'things', full: true, checkBSONConformance: true }, { valid: true }],
      [{ validate: 'things', background: true }, { valid: true }],
      [{ validate: 'things', full: true, metadata: true }, 72],
    ),
    'repair, fixMultikey': refused(
      'as on a member of a set of MongoDB',
      made,
      [{ validate: 'things', repair: true }, 72],
      [{ validate: 'things', fixMultikey: true }, 72],
    ),
  },
};

const validateDbMetadataOptions: CommandOptions = {
  command: 'validateDBMetadata',
  options: {
    apiParameters: acts([{ validateDBMetadata: 1 }, 40414]),
    'db, collection': acts(
      [
        {
          createIndexes: 'things',
          indexes: [{ key: { a: 'text' }, name: 't' }],
          $db: 'metadata',
        },
      ],
      [
        {
          validateDBMetadata: 1,
          apiParameters: { version: '1', strict: true, deprecationErrors: true },
          db: 'metadata',
          collection: 'things',
        },
        { apiVersionErrors: [{ ns: 'metadata.things' }] },
      ],
    ),
  },
};

export const maintenanceOptions: readonly CommandOptions[] = [
  listCollectionsOptions,
  listDatabasesOptions,
  listIndexesOptions,
  setIndexCommitQuorumOptions,
  compactOptions,
  validateOptions,
  validateDbMetadataOptions,
];
