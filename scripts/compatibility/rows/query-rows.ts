/** Filters and projections, where they are no names in the tables of operators. */
import type { Document } from 'mongodb';
import { batch, type FeatureTable, ids, no, type Step, threeThings, yes } from '../feature-row.ts';

function find(filter: Document, ...expected: unknown[]): Step {
  return [{ find: 'things', filter, sort: { _id: 1 } }, ids(...expected)];
}

const places: readonly Step[] = [
  [
    {
      createIndexes: 'places',
      indexes: [
        { key: { at: '2dsphere' }, name: 'sphere' },
        { key: { xy: '2d' }, name: 'plane' },
      ],
    },
  ],
  [
    {
      insert: 'places',
      documents: [
        { _id: 1, at: { type: 'Point', coordinates: [1, 1] }, xy: [1, 1] },
        { _id: 2, at: { type: 'Point', coordinates: [9, 9] }, xy: [9, 9] },
      ],
    },
  ],
];

function near(filter: Document, ...expected: unknown[]): Step {
  return [{ find: 'places', filter }, ids(...expected)];
}

const origin = { type: 'Point', coordinates: [0, 0] };
const square = {
  type: 'Polygon',
  coordinates: [
    [
      [0, 0],
      [0, 5],
      [5, 5],
      [5, 0],
      [0, 0],
    ],
  ],
};

export const filterRows: FeatureTable = {
  title: 'Filters',
  rows: [
    yes('`$and`, `$or`, `$nor`, `$not`', [
      threeThings,
      find({ $and: [{ a: { $gt: 1 } }, { a: { $lt: 3 } }] }, 2),
      find({ $or: [{ a: 1 }, { a: 3 }] }, 1, 3),
      find({ $nor: [{ a: 1 }, { a: 3 }] }, 2),
      find({ a: { $not: { $gt: 1 } } }, 1),
    ]),
    yes('`$regex` with `$options` i, m, s, x, u; `{field: /regex/}`', [
      [{ insert: 'things', documents: [{ _id: 1, s: 'a\nB' }] }],
      find({ s: { $regex: 'b', $options: 'i' } }, 1),
      find({ s: { $regex: '^B', $options: 'm' } }, 1),
      find({ s: { $regex: 'a.B', $options: 's' } }, 1),
      find({ s: { $regex: '  B # the last', $options: 'xu' } }, 1),
      find({ s: /b/i }, 1),
      [{ find: 'things', filter: { s: { $regex: 'b', $options: 'q' } } }, 51108],
    ]),
    yes('`$expr`, `$jsonSchema`, `$comment`, `$sampleRate`, `$rand`', [
      threeThings,
      find({ $expr: { $gt: ['$a', 2] } }, 3),
      find({ $jsonSchema: { properties: { a: { maximum: 1 } } } }, 1),
      find({ a: 1, $comment: 'why' }, 1),
      find({ $sampleRate: 0 }),
      find({ $expr: { $lt: [{ $rand: {} }, 1] } }, 1, 2, 3),
    ]),
    yes(
      '`$where`',
      [
        [{ setParameter: 1, internalQueryJavaScriptFnTimeoutMillis: 5000, $db: 'admin' }],
        threeThings,
        find({ $where: 'this.a > 2' }, 3),
      ],
      'with `--scripting`; without it error 2, as with `--noscripting`',
    ),
    yes('`$alwaysTrue`, `$alwaysFalse`', [
      threeThings,
      find({ $alwaysTrue: 1 }, 1, 2, 3),
      find({ $alwaysFalse: 1 }),
    ]),
    yes('DBRef fields `$ref`, `$id`, `$db`', [
      [{ insert: 'things', documents: [{ _id: 1, r: { $ref: 'c', $id: 7, $db: 'd' } }] }],
      find({ 'r.$id': 7, 'r.$ref': 'c', 'r.$db': 'd' }, 1),
    ]),
    yes('`$type` by number and by alias, `number` too', [
      threeThings,
      find({ a: { $type: 'int' } }, 1, 2, 3),
      find({ a: { $type: [16, 'string'] } }, 1, 2, 3),
      find({ a: { $type: 'number' } }, 1, 2, 3),
      [{ find: 'things', filter: { a: { $type: 'integer' } } }, 2],
    ]),
    yes('`$text` with `$search`, `$language`, `$caseSensitive`, `$diacriticSensitive`', [
      [
        {
          createIndexes: 'things',
          indexes: [{ key: { s: 'text' }, name: 't', default_language: 'none' }],
        },
      ],
      [{ insert: 'things', documents: [{ _id: 1, s: 'Caf\u00e9 cups' }] }],
      find({ $text: { $search: 'cafe' } }, 1),
      find({ $text: { $search: 'cafe', $caseSensitive: true } }),
      find({ $text: { $search: 'cafe', $diacriticSensitive: true } }),
      find({ $text: { $search: 'cups', $language: 'en' } }),
    ]),
    yes('`$near`, `$nearSphere` with `$geometry`, `$maxDistance`, `$minDistance`; legacy pairs', [
      ...places,
      near({ at: { $near: { $geometry: origin } } }, 1, 2),
      near({ at: { $near: { $geometry: origin, $maxDistance: 500_000 } } }, 1),
      near({ at: { $nearSphere: { $geometry: origin, $minDistance: 500_000 } } }, 2),
      near({ xy: { $near: [0, 0], $maxDistance: 5 } }, 1),
      near({ xy: { $geoNear: [9, 9] } }, 2, 1),
    ]),
    yes(
      '`$geoWithin`, `$geoIntersects`, `$within` with `$geometry`, `$box`, `$center`, `$centerSphere`, `$polygon`',
      [
        ...places,
        near({ at: { $geoWithin: { $geometry: square } } }, 1),
        near({ at: { $geoIntersects: { $geometry: square } } }, 1),
        near({ at: { $geoWithin: { $centerSphere: [[0, 0], 0.1] } } }, 1),
        near(
          {
            xy: {
              $within: {
                $box: [
                  [0, 0],
                  [5, 5],
                ],
              },
            },
          },
          1,
        ),
        near({ xy: { $geoWithin: { $center: [[0, 0], 3] } } }, 1),
        near(
          {
            xy: {
              $geoWithin: {
                $polygon: [
                  [0, 0],
                  [0, 5],
                  [5, 0],
                ],
              },
            },
          },
          1,
        ),
      ],
    ),
    yes(
      '`$uniqueDocs`',
      [...places, near({ xy: { $geoWithin: { $center: [[0, 0], 3], $uniqueDocs: false } } }, 1)],
      'without effect, as in MongoDB since 2.6: a document is found once',
    ),
    no('unknown operators', 'refused as by MongoDB: error 2', [
      [{ find: 'things', filter: { a: { $like: 'x' } } }, 2],
    ]),
  ],
};

export const projectionRows: FeatureTable = {
  title: 'Projection of find',
  rows: [
    yes('positional `$`', [
      threeThings,
      [
        { find: 'things', filter: { tags: 'y' }, projection: { 'tags.$': 1 }, sort: { _id: 1 } },
        batch({ _id: 1, tags: ['y'] }, { _id: 2, tags: ['y'] }),
      ],
    ]),
    yes('`$elemMatch`', [
      threeThings,
      [
        { find: 'things', filter: { _id: 1 }, projection: { items: { $elemMatch: { n: 2 } } } },
        batch({ _id: 1, items: [{ n: 2 }] }),
      ],
    ]),
    yes('`$slice`', [
      threeThings,
      [
        { find: 'things', filter: { _id: 1 }, projection: { tags: { $slice: -1 }, items: 0 } },
        batch({ _id: 1, a: 1, tags: ['y'] }),
      ],
    ]),
    yes('`$meta`: textScore, indexKey, recordId, sortKey', [
      threeThings,
      [{ createIndexes: 'things', indexes: [{ key: { 'tags.x': 'text' }, name: 't' }] }],
      [{ createIndexes: 'things', indexes: [{ key: { a: 1 }, name: 'a' }] }],
      [
        {
          find: 'things',
          filter: { a: 1 },
          sort: { a: 1 },
          projection: {
            _id: 1,
            key: { $meta: 'indexKey' },
            record: { $meta: 'recordId' },
            order: { $meta: 'sortKey' },
          },
        },
        ({ cursor: { firstBatch } }) =>
          firstBatch[0].key.a === 1 && firstBatch[0].record >= 1 && firstBatch[0].order[0] === 1,
      ],
      [{ insert: 'things', documents: [{ _id: 4, tags: { x: 'tea' } }] }],
      [
        {
          find: 'things',
          filter: { $text: { $search: 'tea' } },
          projection: { _id: 1, s: { $meta: 'textScore' } },
        },
        batch({ _id: 4, s: 1.1 }),
      ],
    ]),
    yes('`$meta`: geoNearDistance, geoNearPoint', [
      ...places,
      [
        {
          find: 'places',
          filter: { xy: { $near: [1, 2] } },
          limit: 1,
          projection: {
            _id: 1,
            d: { $meta: 'geoNearDistance' },
            p: { $meta: 'geoNearPoint' },
          },
        },
        batch({ _id: 1, d: 1, p: [1, 1] }),
      ],
    ]),
    no('`$meta` in the fields of a findAndModify', 'error 238', [
      threeThings,
      [
        {
          findAndModify: 'things',
          remove: true,
          fields: { s: { $meta: 'recordId' } },
        },
        238,
      ],
    ]),
    yes(
      '`$meta`: randVal, searchScore, searchHighlights, vectorSearchScore',
      [
        threeThings,
        [
          {
            find: 'things',
            filter: { _id: 2 },
            projection: { _id: 1, r: { $meta: 'randVal' }, s: { $meta: 'searchScore' } },
          },
          ({ cursor: { firstBatch } }) => JSON.stringify(firstBatch) === '[{"_id":2}]',
        ],
        [{ find: 'things', projection: { s: { $meta: 'height' } } }, 17308],
      ],
      'missing, as in MongoDB where nothing is sampled or searched',
    ),
    yes('expressions of aggregations', [
      threeThings,
      [
        { find: 'things', filter: { _id: 2 }, projection: { twice: { $add: ['$a', '$a'] } } },
        batch({ _id: 2, twice: 4 }),
      ],
    ]),
    yes('inclusion, exclusion and the rules of `_id` (31253, 31254)', [
      threeThings,
      [
        { find: 'things', filter: { _id: 1 }, projection: { _id: 0, a: 1 } },
        ({ cursor: { firstBatch } }) => JSON.stringify(firstBatch) === '[{"a":1}]',
      ],
      [{ find: 'things', projection: { a: 0, tags: 1 } }, 31253],
      [{ find: 'things', projection: { a: 1, tags: 0 } }, 31254],
    ]),
    yes('nested and dotted paths', [
      [{ insert: 'things', documents: [{ _id: 1, a: { b: 1, c: 2 } }] }],
      [{ find: 'things', projection: { 'a.b': 1 } }, batch({ _id: 1, a: { b: 1 } })],
      [{ find: 'things', projection: { a: { b: 1 } } }, batch({ _id: 1, a: { b: 1 } })],
      [{ find: 'things', projection: { a: { b: 1 }, 'a.b': 1 } }, 31250],
    ]),
  ],
};
