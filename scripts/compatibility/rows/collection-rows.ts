/** Kinds of collections, their options, and the collections the server keeps by itself. */
import { UUID } from 'bson';
import type { Document } from 'mongodb';
import { batch, type FeatureTable, ids, no, type Step, threeThings, yes } from '../feature-row.ts';

/** The options listCollections shows of a collection. */
function options(name: string, expected: Document): Step {
  return [{ listCollections: 1, filter: { name } }, batch({ options: expected })];
}

function stored(namespace: string): Step {
  const [$db = '', ...rest] = namespace.split('.');
  return [
    { find: rest.join('.'), limit: 1, $db },
    ({ cursor: { firstBatch } }) => firstBatch.length === 1,
  ];
}

export const collectionRows: FeatureTable = {
  title: 'Collections',
  rows: [
    yes(
      'capped: size, max, insertion order, eviction, tailable and awaitData cursors',
      [
        [{ create: 'log', capped: true, size: 4096, max: 2 }],
        options('log', { capped: true, size: 4096, max: 2 }),
        [{ insert: 'log', documents: [{ _id: 3 }, { _id: 1 }, { _id: 2 }] }],
        [{ find: 'log' }, ids(1, 2)],
        [
          { find: 'log', tailable: true, awaitData: true },
          ({ cursor }) => cursor.firstBatch.length === 2 && cursor.id > 0,
        ],
        [{ insert: 'log', documents: [{ _id: 4 }] }],
      ],
      'one insert evicts 512 documents at most; `convertToCapped` keeps the UUID',
    ),
    yes('validator, validationLevel strict, moderate, off, validationAction error, warn; errInfo', [
      [{ create: 'v', validator: { a: { $gt: 0 } } }],
      [
        { insert: 'v', documents: [{ a: 0 }] },
        {
          writeErrors: [
            {
              code: 121,
              errInfo: { details: { operatorName: '$gt', reason: 'comparison failed' } },
            },
          ],
        },
      ],
      [{ collMod: 'v', validationAction: 'warn' }],
      [{ insert: 'v', documents: [{ _id: 1, a: 0 }] }, { n: 1 }],
      [{ collMod: 'v', validationAction: 'error', validationLevel: 'moderate' }],
      [{ update: 'v', updates: [{ q: { _id: 1 }, u: { $set: { a: -1 } } }] }, { n: 1 }],
      [{ insert: 'v', documents: [{ a: 0 }] }, 121],
      [{ collMod: 'v', validationLevel: 'off' }],
      [{ insert: 'v', documents: [{ a: 0 }] }, { n: 1 }],
      [{ collMod: 'v', validationAction: 'loud' }, 2],
    ]),
    yes('views with pipelines, nested ones too; read-only (166)', [
      threeThings,
      [{ create: 'big', viewOn: 'things', pipeline: [{ $match: { a: { $gte: 2 } } }] }],
      [{ create: 'bigger', viewOn: 'big', pipeline: [{ $match: { a: { $gte: 3 } } }] }],
      [{ find: 'bigger' }, ids(3)],
      [{ insert: 'big', documents: [{}] }, 166],
      [{ create: 'big2', viewOn: 'big2', pipeline: [] }, 5],
    ]),
    yes('default collation', [
      [{ create: 'names', collation: { locale: 'en', strength: 2 } }],
      [{ insert: 'names', documents: [{ _id: 1, n: 'Ann' }] }],
      [{ find: 'names', filter: { n: 'ANN' } }, ids(1)],
    ]),
    yes(
      'time series: timeField, metaField, granularity, bucketMaxSpanSeconds, bucketRoundingSeconds, expireAfterSeconds',
      [
        [
          {
            create: 'w',
            timeseries: { timeField: 't', metaField: 'm', granularity: 'minutes' },
            expireAfterSeconds: 3600,
          },
        ],
        options('w', { expireAfterSeconds: 3600, timeseries: { bucketMaxSpanSeconds: 86400 } }),
        [
          {
            create: 'x',
            timeseries: { timeField: 't', bucketMaxSpanSeconds: 60, bucketRoundingSeconds: 60 },
          },
        ],
        [{ insert: 'w', documents: [{ _id: 1, t: new Date(), m: 1 }] }, { n: 1 }],
        [{ insert: 'w', documents: [{ m: 1 }] }, 2],
        [{ find: 'w' }, ids(1)],
      ],
      'each measurement is a document, ordered by time: `system.buckets` collections are not listed, but read as if each measurement were a bucket of its own, and what is inserted there is taken apart, unless it is compressed (versions 2 and 3); statistics count no buckets, explain shows the stages of any other collection, and what has expired goes measurement by measurement',
    ),
    yes('time series: deletes and updates by the meta field, secondary indexes', [
      [{ create: 'w', timeseries: { timeField: 't', metaField: 'm' } }],
      [
        {
          insert: 'w',
          documents: [
            { _id: 1, t: new Date(), m: 1 },
            { _id: 2, t: new Date(), m: 2 },
          ],
        },
      ],
      [{ createIndexes: 'w', indexes: [{ key: { m: -1 }, name: 'i' }] }],
      [{ update: 'w', updates: [{ q: { m: 1 }, u: { $set: { m: 3 } }, multi: true }] }, { n: 1 }],
      [{ delete: 'w', deletes: [{ q: { m: 2 }, limit: 0 }] }, { n: 1 }],
      [{ find: 'w', hint: 'i' }, batch({ _id: 1, m: 3 })],
    ]),
    yes('clusteredIndex', [
      [{ create: 'c', clusteredIndex: { key: { _id: 1 }, unique: true, name: 'by id' } }],
      [{ insert: 'c', documents: [{ _id: 2 }, { _id: 1 }] }],
      [{ find: 'c' }, ids(1, 2)],
      [{ listIndexes: 'c' }, batch({ name: 'by id', clustered: true })],
    ]),
    no(
      'changeStreamPreAndPostImages',
      'kept and listed by create and collMod; there are no change streams that would show them',
      [
        [{ create: 'c', changeStreamPreAndPostImages: { enabled: true } }],
        options('c', { changeStreamPreAndPostImages: { enabled: true } }),
        [{ aggregate: 'c', pipeline: [{ $changeStream: {} }], cursor: {} }, 238],
      ],
    ),
    no(
      'storageEngine, indexOptionDefaults',
      'checked, and kept when empty; the settings of WiredTiger are refused with error 238',
      [
        [{ create: 'c', storageEngine: { wiredTiger: {} } }],
        [
          {
            create: 'd',
            storageEngine: { wiredTiger: { configString: 'block_compressor=zlib' } },
          },
          238,
        ],
        [
          {
            create: 'e',
            indexOptionDefaults: {
              storageEngine: { wiredTiger: { configString: 'block_compressor=zlib' } },
            },
          },
          238,
        ],
      ],
    ),
    no('encryptedFields', 'there are no indexes of encrypted values: error 238', [
      [
        {
          create: 'c',
          encryptedFields: {
            fields: [{ path: 'a', bsonType: 'string', keyId: new UUID() }],
          },
        },
        238,
      ],
    ]),
    no('temp, flags', 'internal to MongoDB: error 238', [
      [{ create: 'c', temp: true }, 238],
      [{ create: 'c', flags: 1 }, 238],
    ]),
    yes('`collMod`: index with expireAfterSeconds, hidden, unique, prepareUnique; dryRun', [
      [{ createIndexes: 'c', indexes: [{ key: { a: 1 }, name: 'a', expireAfterSeconds: 9 }] }],
      [
        { collMod: 'c', index: { name: 'a', expireAfterSeconds: 8 } },
        { expireAfterSeconds_old: 9, expireAfterSeconds_new: 8 },
      ],
      [{ collMod: 'c', index: { name: 'a', hidden: true } }, { hidden_new: true }],
      [{ collMod: 'c', index: { name: 'a', prepareUnique: true } }, { prepareUnique_new: true }],
      [{ collMod: 'c', index: { name: 'a', unique: true }, dryRun: true }],
      [{ collMod: 'c', index: { name: 'a', unique: true } }, { unique_new: true }],
      [
        { listIndexes: 'c' },
        ({ cursor: { firstBatch } }) => firstBatch[1].unique && firstBatch[1].hidden,
      ],
    ]),
    yes('`collMod`: viewOn, pipeline, cappedSize, cappedMax, timeseries', [
      [{ create: 'v', viewOn: 'a', pipeline: [] }],
      [{ collMod: 'v', viewOn: 'b', pipeline: [] }],
      options('v', { viewOn: 'b' }),
      [{ create: 'log', capped: true, size: 4096, max: 5 }],
      [{ collMod: 'log', cappedSize: 8192, cappedMax: 4 }],
      options('log', { size: 8192, max: 4 }),
      [{ create: 'w', timeseries: { timeField: 't' } }],
      [{ collMod: 'w', timeseries: { granularity: 'hours' } }],
      options('w', { timeseries: { granularity: 'hours' } }),
      [{ collMod: 'c2' }, 26],
    ]),
    yes('rules of names, 255 bytes of namespace, `system.` names, implicit creation, UUIDs', [
      [{ insert: 'a$b', documents: [{}] }, 73],
      [{ create: 'x'.repeat(250) }, 73],
      [{ insert: 'system.things', documents: [{}] }, 73],
      [{ insert: 'new', documents: [{}] }, { n: 1 }],
      [
        { listCollections: 1 },
        ({ cursor: { firstBatch } }) => firstBatch[0].info.uuid.sub_type === 4,
      ],
    ]),
    yes('listCollections: name, type, options, info, idIndex', [
      [{ create: 'c' }],
      [
        { listCollections: 1 },
        batch({
          name: 'c',
          type: 'collection',
          options: {},
          info: { readOnly: false },
          idIndex: { v: 2, key: { _id: 1 }, name: '_id_' },
        }),
      ],
    ]),
    yes('GridFS', async ({ db }) => {
      const { GridFSBucket } = await import('mongodb');
      const bucket = new GridFSBucket(db);
      const id = await new Promise((resolve, reject) => {
        const upload = bucket.openUploadStream('a.txt');
        upload.once('finish', () => resolve(upload.id)).once('error', reject);
        upload.end('hello');
      });
      const parts: Buffer[] = [];
      for await (const part of bucket.openDownloadStream(id as never)) parts.push(part as Buffer);
      const file = Buffer.concat(parts).toString();
      if (file !== 'hello') throw new Error(`another file came back: ${JSON.stringify(file)}`);
    }),
    yes('`local.oplog.rs`, readable by tools', [
      [{ insert: 'c', documents: [{ _id: 1 }] }],
      [
        { find: 'oplog.rs', filter: { op: 'i', 'o._id': 1 }, sort: { $natural: -1 }, $db: 'local' },
        ({ cursor: { firstBatch } }) => firstBatch[0].v === 2 && firstBatch[0].ui !== undefined,
      ],
    ]),
    yes(
      '`system.profile`',
      [
        [{ profile: 2 }],
        [{ find: 'c', comment: 'seen' }],
        [{ profile: 0 }],
        [
          { find: 'system.profile', filter: { 'command.comment': 'seen' } },
          ({ cursor: { firstBatch } }) => firstBatch[0].op === 'query',
        ],
      ],
      'kept in the memory of each member until it ends',
    ),
    yes('`system.views`, `system.js`', [
      [{ create: 'v', viewOn: 'a', pipeline: [] }],
      [{ find: 'system.views' }, batch({ viewOn: 'a' })],
      [{ insert: 'system.js', documents: [{ _id: 'f', value: 1 }] }, { n: 1 }],
    ]),
    yes('`system.buckets.*`', [
      [{ create: 'w', timeseries: { timeField: 't' } }],
      [{ insert: 'w', documents: [{ _id: 1, t: new Date() }] }],
      [
        { find: 'system.buckets.w' },
        ({ cursor: { firstBatch } }) => firstBatch[0].control.version === 1,
      ],
    ]),
    yes(
      '`admin.system.version`, `local.startup_log`, `local.system.replset`',
      [stored('admin.system.version'), stored('local.startup_log'), stored('local.system.replset')],
      'of `startup_log` this start',
    ),
    no(
      '`admin.system.users`, `admin.system.roles`',
      'empty, as there are no users: error 238 for who makes one',
      [
        [{ find: 'system.users', $db: 'admin' }, batch()],
        [{ createUser: 'ann', pwd: 'x', roles: [] }, 238],
      ],
    ),
    no('`config.transactions`, `config.system.sessions`', 'sessions are kept apart', [
      [{ find: 'transactions', $db: 'config' }, batch()],
      [{ find: 'system.sessions', $db: 'config' }, batch()],
    ]),
  ],
};
