/** Fields of the commands on collections, indexes and databases. What `create` and the indexes take are features of their own. */
import { UUID } from 'bson';
import type { Document } from 'mongodb';
import { batch, ids, type Step } from '../feature-row.ts';
import {
  accepted,
  acts,
  type CommandOptions,
  idle,
  indexOnA,
  refused,
  withThings,
} from './option-row.ts';

const indexA = { key: { a: 1 }, name: 'a_1' };
const made: Step = [{ create: 'things' }];

/** The options listCollections shows of `c`. */
function created(options: Document, shown: Document = options): Step[] {
  return [
    [{ create: 'c', ...options }],
    [{ listCollections: 1, filter: { name: 'c' } }, batch({ options: shown })],
  ];
}

const createOptions: CommandOptions = {
  command: 'create',
  options: {
    'capped, size, max': acts(...created({ capped: true, size: 4096, max: 7 })),
    'validator, validationLevel, validationAction': acts(
      ...created({ validator: { a: 1 }, validationLevel: 'moderate', validationAction: 'warn' }),
    ),
    'viewOn, pipeline': acts(
      ...withThings(
        [{ create: 'c', viewOn: 'things', pipeline: [{ $match: { a: 3 } }] }],
        [{ find: 'c' }, ids(3)],
      ),
    ),
    collation: acts(...created({ collation: { locale: 'fr' } })),
    timeseries: acts(...created({ timeseries: { timeField: 't' } })),
    expireAfterSeconds: acts(
      ...created({ timeseries: { timeField: 't' }, expireAfterSeconds: 60 }),
      [{ create: 'd', expireAfterSeconds: 60 }, 72],
    ),
    clusteredIndex: acts(...created({ clusteredIndex: { key: { _id: 1 }, unique: true } })),
    idIndex: acts(
      [{ create: 'c', idIndex: { key: { _id: 1 }, name: '_id_', v: 2 } }],
      [{ create: 'd', idIndex: { key: { a: 1 }, name: '_id_', v: 2 } }, 2],
    ),
    changeStreamPreAndPostImages: idle(
      'kept and listed; there are no change streams that would show the images',
      ...created({ changeStreamPreAndPostImages: { enabled: true } }),
    ),
    'storageEngine, indexOptionDefaults': refused(
      'an empty one is kept; the settings of WiredTiger are refused',
      [
        { create: 'c', storageEngine: { wiredTiger: { configString: 'block_compressor=zlib' } } },
        238,
      ],
      [
        {
          create: 'c',
          indexOptionDefaults: {
            storageEngine: { wiredTiger: { configString: 'block_compressor=zlib' } },
          },
        },
        238,
      ],
    ),
    encryptedFields: refused('there are no indexes of encrypted values', [
      { create: 'c', encryptedFields: { fields: [] } },
      238,
    ]),
    'temp, flags': refused(
      'internal to MongoDB',
      [{ create: 'c', temp: true }, 238],
      [{ create: 'c', flags: 1 }, 238],
    ),
    autoIndexId: refused(
      'as in MongoDB: false is for database `local`',
      [{ create: 'c', autoIndexId: false }, 50001],
      [{ create: 'c', autoIndexId: false, $db: 'local' }, 238],
    ),
  },
};

function index(options: Document): Step {
  return [{ createIndexes: 'things', indexes: [{ ...indexA, ...options }] }, accepted];
}

function refusedIndex(options: Document, code: number): Step {
  return [{ createIndexes: 'things', indexes: [{ ...indexA, ...options }] }, code];
}

const createIndexesOptions: CommandOptions = {
  command: 'createIndexes',
  options: {
    indexes: acts(indexOnA, [{ listIndexes: 'things' }, batch({ name: '_id_' }, indexA)]),
    commitQuorum: acts([
      { createIndexes: 'things', indexes: [indexA], commitQuorum: 1 },
      { commitQuorum: 1 },
    ]),
    ignoreUnknownIndexOptions: acts(refusedIndex({ colour: 1 }, 197), [
      {
        createIndexes: 'things',
        indexes: [{ ...indexA, colour: 1 }],
        ignoreUnknownIndexOptions: true,
      },
    ]),
    'indexes.background': idle(
      'no build holds up writes, as in MongoDB since 4.2',
      index({ background: true }),
    ),
    'indexes.v': acts(refusedIndex({ v: 3 }, 67), index({ v: 2 })),
    'indexes.ns': idle('nothing since MongoDB 4.4', index({ ns: 'x.y' })),
    'indexes.storageEngine': refused(
      'an empty one is kept; the settings of WiredTiger are refused',
      refusedIndex(
        { storageEngine: { wiredTiger: { configString: 'block_compressor=zlib' } } },
        238,
      ),
    ),
    'indexes.clustered': refused(
      '`create` makes clustered collections',
      refusedIndex({ clustered: true }, 238),
    ),
    'indexes.dropDups': idle('nothing since MongoDB 3.0', index({ dropDups: true })),
    'indexes.bucketSize': refused(
      'removed in MongoDB 5.0 with geoHaystack',
      refusedIndex({ bucketSize: 1 }, 197),
    ),
    v: idle('nothing in MongoDB either', [
      { createIndexes: 'things', indexes: [indexA], v: 2 },
      accepted,
    ]),
    collectionUUID: refused('internal to MongoDB', [
      { createIndexes: 'things', indexes: [indexA], collectionUUID: 1 },
      40415,
    ]),
  },
};

const collModOptions: CommandOptions = {
  command: 'collMod',
  options: {
    index: acts(indexOnA, [
      { collMod: 'things', index: { name: 'a_1', hidden: true } },
      { hidden_new: true },
    ]),
    'validator, validationLevel, validationAction': acts(
      made,
      [{ collMod: 'things', validator: { a: 1 } }],
      [{ insert: 'things', documents: [{}] }, 121],
    ),
    'viewOn, pipeline': acts(
      made,
      [{ create: 'v', viewOn: 'a', pipeline: [] }],
      [{ collMod: 'v', viewOn: 'b', pipeline: [] }],
      [{ listCollections: 1, filter: { name: 'v' } }, batch({ options: { viewOn: 'b' } })],
    ),
    'cappedSize, cappedMax': acts(
      [{ create: 'log', capped: true, size: 4096 }],
      [{ collMod: 'log', cappedSize: 8192, cappedMax: 3 }],
      [{ listCollections: 1 }, batch({ options: { size: 8192, max: 3 } })],
    ),
    timeseries: acts(
      [{ create: 'w', timeseries: { timeField: 't' } }],
      [{ collMod: 'w', timeseries: { granularity: 'hours' } }],
      [
        { listCollections: 1, filter: { name: 'w' } },
        batch({ options: { timeseries: { granularity: 'hours' } } }),
      ],
    ),
    expireAfterSeconds: acts(
      [{ create: 'w', timeseries: { timeField: 't' } }],
      [{ collMod: 'w', expireAfterSeconds: 60 }],
      [
        { listCollections: 1, filter: { name: 'w' } },
        batch({ options: { expireAfterSeconds: 60 } }),
      ],
    ),
    dryRun: acts(
      indexOnA,
      [{ collMod: 'things', index: { name: 'a_1', prepareUnique: true } }],
      [{ collMod: 'things', index: { name: 'a_1', unique: true }, dryRun: true }],
      [{ listIndexes: 'things' }, ({ cursor: { firstBatch } }) => firstBatch[1].unique !== true],
    ),
    changeStreamPreAndPostImages: idle(
      'kept and listed; there are no change streams that would show the images',
      made,
      [{ collMod: 'things', changeStreamPreAndPostImages: { enabled: true } }],
      [
        { listCollections: 1 },
        batch({ options: { changeStreamPreAndPostImages: { enabled: true } } }),
      ],
    ),
    timeseriesBucketsMayHaveMixedSchemaData: idle(
      'measurements are not kept in buckets, so any schemas may be side by side',
      [{ create: 'w', timeseries: { timeField: 't' } }],
      [{ collMod: 'w', timeseriesBucketsMayHaveMixedSchemaData: true }, accepted],
    ),
  },
};

const dropOptions: CommandOptions = {
  command: 'drop',
  options: {
    collectionUUID: acts(made, [{ drop: 'things', collectionUUID: new UUID() }, 361]),
  },
};

const dropIndexesOptions: CommandOptions = {
  command: 'dropIndexes',
  options: {
    index: acts(indexOnA, [{ dropIndexes: 'things', index: 'a_1' }, { nIndexesWas: 2 }]),
  },
};

const renameOptions: CommandOptions = {
  command: 'renameCollection',
  options: {
    to: acts(
      [{ drop: 'new', $db: 'renamed' }],
      [{ insert: 'old', documents: [{ _id: 1 }], $db: 'renamed' }],
      [{ renameCollection: 'renamed.old', to: 'renamed.new', $db: 'admin' }],
      [{ find: 'new', $db: 'renamed' }, ids(1)],
    ),
    dropTarget: acts(
      [{ drop: 'new', $db: 'renamed' }],
      [{ create: 'old', $db: 'renamed' }],
      [{ create: 'new', $db: 'renamed' }],
      [{ renameCollection: 'renamed.old', to: 'renamed.new', $db: 'admin' }, 48],
      [{ renameCollection: 'renamed.old', to: 'renamed.new', dropTarget: true, $db: 'admin' }],
    ),
    collectionUUID: acts(
      [{ drop: 'third', $db: 'renamed' }],
      [{ create: 'third', $db: 'renamed' }],
      [
        {
          renameCollection: 'renamed.third',
          to: 'renamed.fourth',
          collectionUUID: new UUID(),
          $db: 'admin',
        },
        361,
      ],
    ),
    stayTemp: idle(
      'no collection is a temporary one',
      [{ drop: 'fifth', $db: 'renamed' }],
      [{ drop: 'sixth', $db: 'renamed' }],
      [{ create: 'fifth', $db: 'renamed' }],
      [
        { renameCollection: 'renamed.fifth', to: 'renamed.sixth', stayTemp: true, $db: 'admin' },
        accepted,
      ],
    ),
  },
};

const capOptions: readonly CommandOptions[] = [
  {
    command: 'convertToCapped',
    options: {
      size: acts(
        made,
        [{ convertToCapped: 'things', size: 4096 }],
        [{ listCollections: 1 }, batch({ options: { capped: true, size: 4096 } })],
      ),
    },
  },
  {
    command: 'cloneCollectionAsCapped',
    options: {
      'toCollection, size': acts(
        ...withThings(
          [{ cloneCollectionAsCapped: 'things', toCollection: 'log', size: 4096 }],
          [{ find: 'log' }, ids(1, 2, 3)],
        ),
      ),
      temp: refused(
        'internal to MongoDB',
        ...withThings([
          { cloneCollectionAsCapped: 'things', toCollection: 'log', size: 4096, temp: true },
          238,
        ]),
      ),
    },
  },
];

export const definitionOptions: readonly CommandOptions[] = [
  createOptions,
  createIndexesOptions,
  collModOptions,
  dropOptions,
  dropIndexesOptions,
  renameOptions,
  ...capOptions,
];
