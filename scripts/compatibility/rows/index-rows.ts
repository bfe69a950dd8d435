/** Kinds of indexes and what plans make of them. */
import type { Document } from 'mongodb';
import { batch, type FeatureTable, ids, no, type Step, threeThings, yes } from '../feature-row.ts';

function index(key: Document, options: Document = {}): Step {
  return [{ createIndexes: 'things', indexes: [{ key, name: 'i', ...options }] }];
}

function refused(code: number, key: Document, options: Document = {}): Step {
  return [{ createIndexes: 'things', indexes: [{ key, name: 'r', ...options }] }, code];
}

/** The stages of the winning plan, outermost first, joined. */
function plan(find: Document, expected: string): Step {
  return [
    { explain: { find: 'things', ...find }, verbosity: 'queryPlanner' },
    ({ queryPlanner }) => stages(queryPlanner.winningPlan) === expected,
  ];
}

function stages({ stage, inputStage, inputStages }: Document): string {
  const inner = inputStages ?? (inputStage === undefined ? [] : [inputStage]);
  return [stage, ...inner.map(stages)].join(' ');
}

function listed(expected: Document): Step {
  return [{ listIndexes: 'things' }, batch({ name: '_id_' }, expected)];
}

export const indexRows: FeatureTable = {
  title: 'Indexes',
  rows: [
    yes('`_id`: implicit, immutable', [
      threeThings,
      [{ listIndexes: 'things' }, batch({ name: '_id_', key: { _id: 1 } })],
      [{ dropIndexes: 'things', index: '_id_' }, 72],
      [{ update: 'things', updates: [{ q: { _id: 1 }, u: { $set: { _id: 9 } } }] }, 66],
    ]),
    yes('single-field and compound (32 fields), ascending and descending', [
      threeThings,
      index({ a: 1, b: -1 }),
      plan({ filter: { a: 1 }, sort: { b: -1 } }, 'FETCH IXSCAN'),
      refused(13103, Object.fromEntries(Array.from({ length: 33 }, (_, n) => [`f${n}`, 1]))),
    ]),
    yes('multikey: one array in each compound key (171)', [
      index({ x: 1, y: 1 }),
      [{ insert: 'things', documents: [{ _id: 1, x: [1, 2], y: 1 }] }],
      [{ find: 'things', filter: { x: 2 }, hint: 'i' }, ids(1)],
      [{ insert: 'things', documents: [{ x: [1], y: [1] }] }, 171],
    ]),
    yes('unique (11000 with keyPattern, keyValue)', [
      threeThings,
      index({ a: 1 }, { unique: true }),
      [
        { insert: 'things', documents: [{ a: 1 }] },
        { writeErrors: [{ code: 11000, keyPattern: { a: 1 }, keyValue: { a: 1 } }] },
      ],
    ]),
    yes('sparse', [
      threeThings,
      index({ b: 1 }, { sparse: true }),
      [{ find: 'things', hint: 'i' }, ids()],
    ]),
    yes('partial: $eq, $exists: true, $gt, $gte, $lt, $lte, $type, $and, $or, $in, places', [
      threeThings,
      index({ a: 1 }, { partialFilterExpression: { $or: [{ a: { $gt: 1 } }, { b: 1 }] } }),
      [{ find: 'things', filter: { a: 2 }, hint: 'i' }, ids(2)],
      refused(67, { b: 1 }, { partialFilterExpression: { b: { $ne: 1 } } }),
      plan({ filter: { a: { $gte: 1 } } }, 'COLLSCAN'),
      plan({ filter: { a: { $gte: 2 } } }, 'FETCH IXSCAN'),
    ]),
    yes('TTL: expireAfterSeconds, a task of 60 s on the primary', [
      index({ at: 1 }, { expireAfterSeconds: 3600 }),
      listed({ expireAfterSeconds: 3600 }),
      refused(67, { x: 1 }, { expireAfterSeconds: -1 }),
      [{ getParameter: 1, ttlMonitorSleepSecs: 1, $db: 'admin' }, { ttlMonitorSleepSecs: 60 }],
    ]),
    yes('hashed and compound hashed', [
      threeThings,
      index({ a: 'hashed', b: 1 }),
      plan({ filter: { a: 1 } }, 'FETCH IXSCAN'),
      refused(31303, { a: 'hashed', b: 'hashed' }),
      [{ insert: 'things', documents: [{ a: [1] }] }, 16766],
    ]),
    yes('wildcard, compound wildcard, wildcardProjection', [
      threeThings,
      index({ '$**': 1 }, { wildcardProjection: { tags: 0 } }),
      plan({ filter: { 'items.n': 3 } }, 'FETCH IXSCAN'),
      plan({ filter: { tags: 'x' } }, 'COLLSCAN'),
      [{ dropIndexes: 'things', index: 'i' }],
      index({ a: 1, 'items.$**': 1 }),
      plan({ filter: { a: 1, 'items.n': 1 } }, 'FETCH IXSCAN'),
    ]),
    yes(
      'text version 3: weights, default_language, language_override, wildcard, textScore',
      [
        [
          {
            insert: 'things',
            documents: [
              { _id: 1, t: 'running', u: 'x' },
              { _id: 2, t: 'x', u: 'runs', tongue: 'none' },
            ],
          },
        ],
        index(
          { '$**': 'text' },
          { weights: { t: 5 }, default_language: 'english', language_override: 'tongue' },
        ),
        [{ find: 'things', filter: { $text: { $search: 'run' } } }, ids(1)],
        [
          {
            find: 'things',
            filter: { $text: { $search: 'running' } },
            projection: { s: { $meta: 'textScore' } },
          },
          batch({ s: 5 }),
        ],
      ],
      'fifteen languages; the stop words are those of the Snowball project',
    ),
    no('text versions 1 and 2', 'error 238', [
      refused(238, { t: 'text' }, { textIndexVersion: 2 }),
    ]),
    yes('2dsphere version 3, with other fields', [
      index({ a: 1, at: '2dsphere' }),
      listed({ '2dsphereIndexVersion': 3 }),
      [{ insert: 'things', documents: [{ at: { type: 'Point', coordinates: [200, 0] } }] }, 16755],
    ]),
    yes('2d: bits, min, max', [
      index({ xy: '2d' }, { bits: 20, min: -10, max: 10 }),
      listed({ bits: 20, min: -10, max: 10 }),
      [{ insert: 'things', documents: [{ xy: [11, 0] }] }, 13027],
    ]),
    yes('hidden', [
      threeThings,
      index({ a: 1 }, { hidden: true }),
      plan({ filter: { a: 1 } }, 'COLLSCAN'),
    ]),
    yes('with collation', [
      threeThings,
      index({ tags: 1 }, { collation: { locale: 'en', strength: 2 } }),
      plan({ filter: { tags: 'X' } }, 'COLLSCAN'),
      plan({ filter: { tags: 'X' }, collation: { locale: 'en', strength: 2 } }, 'FETCH IXSCAN'),
    ]),
    yes('clustered', [
      [{ create: 'things', clusteredIndex: { key: { _id: 1 }, unique: true } }],
      plan({ filter: { _id: { $gt: 1 } } }, 'CLUSTERED_IXSCAN'),
    ]),
    yes('prepareUnique', [
      threeThings,
      index({ a: 1 }, { prepareUnique: true }),
      [{ insert: 'things', documents: [{ a: 1 }] }, 11000],
    ]),
    yes(
      'commitQuorum, `setIndexCommitQuorum`; builds while others write',
      [
        [
          {
            createIndexes: 'things',
            indexes: [{ key: { a: 1 }, name: 'a' }],
            commitQuorum: 'majority',
          },
          { commitQuorum: 'majority' },
        ],
        [
          {
            createIndexes: 'things',
            indexes: [{ key: { b: 1 }, name: 'b' }],
            commitQuorum: 5,
          },
          278,
        ],
        [{ setIndexCommitQuorum: 'things', indexNames: ['a'], commitQuorum: 1 }, 27],
      ],
      'without a quorum a build waits for nobody, where MongoDB waits for all voting members: here every member repeats a build entry by entry',
    ),
    yes('limits of names and keys, long keys, the same index again, conflicts (85, 86)', [
      index({ a: 1 }),
      [
        { createIndexes: 'things', indexes: [{ key: { a: 1 }, name: 'i' }] },
        { note: 'all indexes already exist' },
      ],
      refused(85, { a: 1 }),
      [{ createIndexes: 'things', indexes: [{ key: { b: 1 }, name: 'i' }] }, 86],
      [{ insert: 'things', documents: [{ _id: 1, a: 'x'.repeat(100_000) }] }, { n: 1 }],
      [
        {
          find: 'things',
          filter: { a: 'x'.repeat(100_000) },
          hint: 'i',
          projection: { _id: 1 },
        },
        ids(1),
      ],
    ]),
    yes('hints by name, by key, `$natural`', [
      threeThings,
      index({ a: 1 }),
      plan({ hint: 'i' }, 'FETCH IXSCAN'),
      plan({ hint: { a: 1 } }, 'FETCH IXSCAN'),
      plan({ filter: { a: 1 }, hint: { $natural: 1 } }, 'COLLSCAN'),
      [{ find: 'things', hint: 'none' }, 2],
    ]),
    yes('min and max', [
      threeThings,
      index({ a: 1 }),
      [{ find: 'things', min: { a: 2 }, max: { a: 3 }, hint: { a: 1 } }, ids(2)],
      [{ find: 'things', min: { a: 2 } }, 51173],
    ]),
    yes('covered reads', [
      threeThings,
      index({ a: 1 }),
      plan({ filter: { a: 1 }, projection: { _id: 0, a: 1 } }, 'PROJECTION_COVERED IXSCAN'),
    ]),
    yes('order by index, in both directions', [
      threeThings,
      index({ a: 1 }),
      plan({ sort: { a: -1 } }, 'FETCH IXSCAN'),
    ]),
    yes('plans of `$or`, trials of several plans, plan cache', [
      threeThings,
      index({ a: 1 }),
      [{ createIndexes: 'things', indexes: [{ key: { tags: 1 }, name: 'tags' }] }],
      plan({ filter: { $or: [{ a: 1 }, { tags: 'x' }] } }, 'FETCH OR IXSCAN IXSCAN'),
      [{ find: 'things', filter: { a: 1, tags: 'x' } }, ids(1)],
      [
        { aggregate: 'things', pipeline: [{ $planCacheStats: {} }], cursor: {} },
        ({ cursor: { firstBatch } }) => firstBatch.length === 1,
      ],
    ]),
    no('intersections of indexes', 'one index for each clause of a query', [
      threeThings,
      index({ a: 1 }),
      [{ createIndexes: 'things', indexes: [{ key: { tags: 1 }, name: 'tags' }] }],
      plan({ filter: { a: 1, tags: 'x' } }, 'FETCH IXSCAN'),
    ]),
    yes('explain: queryPlanner, executionStats, allPlansExecution, with the fields tools read', [
      threeThings,
      index({ a: 1 }),
      [
        { explain: { find: 'things', filter: { a: 1 } }, verbosity: 'executionStats' },
        {
          queryPlanner: {
            winningPlan: { stage: 'FETCH', inputStage: { indexName: 'i', isMultiKey: false } },
          },
          executionStats: { nReturned: 1, totalKeysExamined: 1, totalDocsExamined: 1 },
        },
      ],
      [
        { explain: { find: 'things', filter: { a: 1 } }, verbosity: 'allPlansExecution' },
        ({ executionStats }) => Array.isArray(executionStats.allPlansExecution),
      ],
      [{ explain: { find: 'things' }, verbosity: 'all' }, 2],
    ]),
  ],
};
