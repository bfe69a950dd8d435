/** Fields of the commands that read documents. */
import { Long } from 'bson';
import type { Document } from 'mongodb';
import { batch, ids, type Step } from '../feature-row.ts';
import {
  acts,
  type CommandOptions,
  caseless,
  idle,
  indexOnA,
  refused,
  tea,
  validated,
  withThings,
} from './option-row.ts';

function find(fields: Document, ...expected: unknown[]): Step {
  return [{ find: 'things', ...fields }, ids(...expected)];
}

function refusedFind(fields: Document, code: number): Step {
  return [{ find: 'things', ...fields }, code];
}

const findOptions: CommandOptions = {
  command: 'find',
  options: {
    filter: acts(...withThings(find({ filter: { a: 2 } }, 2))),
    projection: acts(
      ...withThings([{ find: 'things', projection: { _id: 1 }, limit: 1 }, batch({ _id: 1 })]),
    ),
    sort: acts(...withThings(find({ sort: { a: -1 } }, 3, 2, 1))),
    skip: acts(...withThings(find({ skip: 2 }, 3), refusedFind({ skip: -1 }, 2))),
    limit: acts(...withThings(find({ limit: 1 }, 1), refusedFind({ limit: -1 }, 2))),
    batchSize: acts(
      ...withThings(
        [
          { find: 'things', batchSize: 2 },
          ({ cursor }) => cursor.firstBatch.length === 2 && cursor.id > 0,
        ],
        refusedFind({ batchSize: -1 }, 2),
      ),
    ),
    singleBatch: acts(
      ...withThings([
        { find: 'things', batchSize: 2, singleBatch: true },
        ({ cursor }) => cursor.firstBatch.length === 2 && Number(cursor.id) === 0,
      ]),
    ),
    hint: acts(...withThings(refusedFind({ hint: 'none' }, 2))),
    min: acts(...withThings(indexOnA, find({ min: { a: 3 }, hint: { a: 1 } }, 3))),
    max: acts(...withThings(indexOnA, find({ max: { a: 2 }, hint: { a: 1 } }, 1))),
    returnKey: acts(
      ...withThings(indexOnA, [
        { find: 'things', filter: { a: 1 }, returnKey: true },
        ({ cursor: { firstBatch } }) => JSON.stringify(firstBatch) === '[{"a":1}]',
      ]),
    ),
    showRecordId: acts(
      ...withThings([
        { find: 'things', showRecordId: true, limit: 1 },
        ({ cursor: { firstBatch } }) => firstBatch[0].$recordId !== undefined,
      ]),
    ),
    tailable: acts(
      ...withThings(refusedFind({ tailable: true }, 2)),
      [{ create: 'log', capped: true, size: 4096 }],
      [{ insert: 'log', documents: [{ _id: 1 }] }],
      [{ find: 'log', tailable: true }, ({ cursor }) => cursor.id > 0],
    ),
    awaitData: acts(
      ...withThings(refusedFind({ awaitData: true }, 9)),
      [{ create: 'log', capped: true, size: 4096 }],
      [{ insert: 'log', documents: [{ _id: 1 }] }],
      [{ find: 'log', tailable: true, awaitData: true }],
      [
        ({ cursor: { id } }) => ({ getMore: id, collection: 'log', maxTimeMS: 1 }),
        { cursor: { nextBatch: [] } },
      ],
    ),
    noCursorTimeout: acts(
      ...withThings(
        [{ create: 'v', viewOn: 'things', pipeline: [] }],
        [{ find: 'v', noCursorTimeout: true }, 168],
        find({ noCursorTimeout: true, limit: 1 }, 1),
      ),
    ),
    collation: acts(tea, find({ filter: { s: 'TEA' }, collation: caseless }, 9)),
    let: acts(...withThings(find({ filter: { $expr: { $eq: ['$a', '$$x'] } }, let: { x: 3 } }, 3))),
    allowDiskUse: acts(
      [{ setParameter: 1, internalQueryMaxBlockingSortMemoryUsageBytes: 10, $db: 'admin' }],
      ...withThings(
        refusedFind({ sort: { a: -1 }, allowDiskUse: false }, 292),
        find({ sort: { a: -1 }, allowDiskUse: true }, 3, 2, 1),
      ),
      [
        {
          setParameter: 1,
          internalQueryMaxBlockingSortMemoryUsageBytes: 104_857_600,
          $db: 'admin',
        },
      ],
    ),
    oplogReplay: idle(
      'nothing since MongoDB 4.4',
      ...withThings(find({ oplogReplay: true, limit: 1 }, 1)),
    ),
    allowPartialResults: idle(
      'a set has no parts that may be missing',
      ...withThings(find({ allowPartialResults: true, limit: 1 }, 1), [
        { find: 'things', allowPartialResults: 'x' },
        14,
      ]),
    ),
    term: refused('internal to replication', ...withThings(refusedFind({ term: 1 }, 40415))),
    collectionUUID: refused(
      'internal to MongoDB',
      ...withThings(refusedFind({ collectionUUID: 1 }, 40415)),
    ),
    $_requestResumeToken: refused(
      'internal to MongoDB',
      ...withThings(refusedFind({ $_requestResumeToken: true }, 40415)),
    ),
  },
};

function aggregate(fields: Document, ...expected: unknown[]): Step {
  return [{ aggregate: 'things', pipeline: [], cursor: {}, ...fields }, ids(...expected)];
}

function refusedAggregate(fields: Document, code: number): Step {
  return [{ aggregate: 'things', pipeline: [], cursor: {}, ...fields }, code];
}

const aggregateOptions: CommandOptions = {
  command: 'aggregate',
  options: {
    pipeline: acts(...withThings(aggregate({ pipeline: [{ $match: { a: 2 } }] }, 2))),
    cursor: acts(
      ...withThings(
        [
          { aggregate: 'things', pipeline: [], cursor: { batchSize: 1 } },
          ({ cursor }) => cursor.firstBatch.length === 1 && cursor.id > 0,
        ],
        [{ aggregate: 'things', pipeline: [] }, 9],
      ),
    ),
    explain: acts(
      ...withThings([
        { aggregate: 'things', pipeline: [], explain: true },
        ({ queryPlanner }) => queryPlanner !== undefined,
      ]),
    ),
    collation: acts(
      tea,
      aggregate({ pipeline: [{ $match: { s: 'TEA' } }], collation: caseless }, 9),
    ),
    hint: acts(...withThings(refusedAggregate({ hint: 'none' }, 2))),
    let: acts(
      ...withThings(
        aggregate({ pipeline: [{ $match: { $expr: { $eq: ['$a', '$$x'] } } }], let: { x: 3 } }, 3),
      ),
    ),
    allowDiskUse: acts(
      [{ setParameter: 1, internalQueryMaxBlockingSortMemoryUsageBytes: 10, $db: 'admin' }],
      ...withThings(
        refusedAggregate({ pipeline: [{ $sort: { a: -1 } }], allowDiskUse: false }, 292),
        aggregate({ pipeline: [{ $sort: { a: -1 } }], allowDiskUse: true }, 3, 2, 1),
      ),
      [
        {
          setParameter: 1,
          internalQueryMaxBlockingSortMemoryUsageBytes: 104_857_600,
          $db: 'admin',
        },
      ],
    ),
    '`{aggregate: 1}` on a database': acts([
      { aggregate: 1, pipeline: [{ $documents: [{ _id: 1 }] }], cursor: {} },
      ids(1),
    ]),
    bypassDocumentValidation: acts(
      ...validated,
      [{ insert: 'things', documents: [{ _id: 2, a: -1 }] }],
      [{ aggregate: 'things', pipeline: [{ $merge: 'strict' }], cursor: {} }, 121],
      [
        {
          aggregate: 'things',
          pipeline: [{ $merge: 'strict' }],
          cursor: {},
          bypassDocumentValidation: true,
        },
      ],
      [{ find: 'strict', filter: { a: -1 } }, ids(2)],
    ),
    fromMongos: refused(
      'internal to sharding',
      ...withThings(refusedAggregate({ fromMongos: true }, 40415)),
    ),
    needsMerge: refused(
      'internal to sharding',
      ...withThings(refusedAggregate({ needsMerge: true }, 40415)),
    ),
    isMapReduceCommand: refused(
      'internal to sharding',
      ...withThings(refusedAggregate({ isMapReduceCommand: true }, 40415)),
    ),
  },
};

const countOptions: CommandOptions = {
  command: 'count',
  options: {
    query: acts(...withThings([{ count: 'things', query: { a: { $gt: 1 } } }, { n: 2 }])),
    limit: acts(...withThings([{ count: 'things', limit: 1 }, { n: 1 }])),
    skip: acts(
      ...withThings([{ count: 'things', skip: 2 }, { n: 1 }], [{ count: 'things', skip: -1 }, 2]),
    ),
    hint: acts(...withThings([{ count: 'things', hint: 'none' }, 2])),
    collation: acts(tea, [{ count: 'things', query: { s: 'TEA' }, collation: caseless }, { n: 1 }]),
    fields: idle(
      'nothing in MongoDB either',
      ...withThings([{ count: 'things', fields: { a: 1 } }, { n: 3 }]),
    ),
  },
};

const distinctOptions: CommandOptions = {
  command: 'distinct',
  options: {
    key: acts(...withThings([{ distinct: 'things', key: 'a' }, { values: [1, 2, 3] }])),
    query: acts(
      ...withThings([{ distinct: 'things', key: 'a', query: { a: 2 } }, { values: [2] }]),
    ),
    hint: acts(...withThings([{ distinct: 'things', key: 'a', hint: 'none' }, 2])),
    collation: acts(
      tea,
      [{ insert: 'things', documents: [{ s: 'TEA' }] }],
      [{ distinct: 'things', key: 's', collation: caseless }, { values: ['Tea'] }],
    ),
  },
};

const open: Step = [{ find: 'things', batchSize: 1 }];

const getMoreOptions: CommandOptions = {
  command: 'getMore',
  options: {
    collection: acts(
      ...withThings(open, [({ cursor: { id } }) => ({ getMore: id, collection: 'other' }), 13]),
    ),
    batchSize: acts(
      ...withThings(open, [
        ({ cursor: { id } }) => ({ getMore: id, collection: 'things', batchSize: 1 }),
        ({ cursor: { nextBatch } }) => nextBatch.length === 1,
      ]),
    ),
    maxTimeMS: acts(
      ...withThings(open, [
        ({ cursor: { id } }) => ({ getMore: id, collection: 'things', maxTimeMS: 5 }),
        2,
      ]),
    ),
    'term, lastKnownCommittedOpTime': idle(
      'members of MongoDB say them when they pull from each other; members here have a command of their own',
      ...withThings(open, [
        ({ cursor: { id } }) => ({ getMore: id, collection: 'things', term: Long.fromInt(1) }),
        ({ cursor: { nextBatch } }) => nextBatch.length === 2,
      ]),
    ),
  },
};

const killCursorsOptions: CommandOptions = {
  command: 'killCursors',
  options: {
    cursors: acts(
      ...withThings(open, [
        ({ cursor: { id } }) => ({ killCursors: 'things', cursors: [id] }),
        ({ cursorsKilled }) => cursorsKilled.length === 1,
      ]),
    ),
  },
};

const explainOptions: CommandOptions = {
  command: 'explain',
  options: {
    verbosity: acts(
      ...withThings(
        [
          { explain: { find: 'things' }, verbosity: 'queryPlanner' },
          (reply) => !('executionStats' in reply),
        ],
        [
          { explain: { find: 'things' }, verbosity: 'executionStats' },
          { executionStats: { nReturned: 3 } },
        ],
      ),
    ),
  },
};

export const readOptions: readonly CommandOptions[] = [
  findOptions,
  aggregateOptions,
  countOptions,
  distinctOptions,
  getMoreOptions,
  killCursorsOptions,
  explainOptions,
];
