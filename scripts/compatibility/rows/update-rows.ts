/** Updates, where they are no names in the tables of operators. */
import { Timestamp } from 'bson';
import type { Document } from 'mongodb';
import { batch, type FeatureTable, ids, no, type Step, yes } from '../feature-row.ts';

/** One update of document 1, and what it is then. */
function updated(change: Document, expected: Document): Step[] {
  return [
    [{ update: 'things', updates: [{ q: { _id: 1 }, u: {}, ...change }] }, { n: 1 }],
    [{ find: 'things', filter: { _id: 1 } }, batch(expected)],
  ];
}

function numbers(...list: unknown[]): Step {
  return [
    {
      update: 'things',
      updates: [{ q: { _id: 1 }, u: { _id: 1, list }, upsert: true }],
    },
    { n: 1 },
  ];
}

export const updateRows: FeatureTable = {
  title: 'Updates',
  rows: [
    yes('positional `$`, `$[]`, `$[identifier]` with `arrayFilters`', [
      numbers(1, 2, 3),
      ...updated({ q: { _id: 1, list: 2 }, u: { $set: { 'list.$': 9 } } }, { list: [1, 9, 3] }),
      ...updated({ u: { $inc: { 'list.$[]': 1 } } }, { list: [2, 10, 4] }),
      ...updated(
        { u: { $set: { 'list.$[big]': 0 } }, arrayFilters: [{ big: { $gt: 3 } }] },
        { list: [2, 0, 0] },
      ),
    ]),
    yes('`$push` with `$each`, `$position`, `$slice`, `$sort`', [
      numbers(3),
      ...updated({ u: { $push: { list: { $each: [1, 2] } } } }, { list: [3, 1, 2] }),
      ...updated({ u: { $push: { list: { $each: [9], $position: 0 } } } }, { list: [9, 3, 1, 2] }),
      ...updated({ u: { $push: { list: { $each: [], $sort: 1 } } } }, { list: [1, 2, 3, 9] }),
      ...updated({ u: { $push: { list: { $each: [], $slice: -2 } } } }, { list: [3, 9] }),
    ]),
    yes('`$rename`, `$currentDate` by type', [
      numbers(1),
      ...updated({ u: { $rename: { list: 'named' } } }, { _id: 1, named: [1] }),
      [
        {
          update: 'things',
          updates: [{ q: {}, u: { $currentDate: { d: true, t: { $type: 'timestamp' } } } }],
        },
        { nModified: 1 },
      ],
      [{ find: 'things', filter: { d: { $type: 'date' }, t: { $type: 'timestamp' } } }, ids(1)],
    ]),
    yes('replacement documents', [
      numbers(1),
      ...updated({ u: { other: true } }, { _id: 1, other: true }),
      [{ update: 'things', updates: [{ q: {}, u: { a: 1 }, multi: true }] }, 9],
    ]),
    yes('pipelines of `$addFields`, `$set`, `$project`, `$unset`, `$replaceRoot`, `$replaceWith`', [
      numbers(1, 2),
      ...updated({ u: [{ $set: { n: { $size: '$list' } } }] }, { _id: 1, list: [1, 2], n: 2 }),
      ...updated({ u: [{ $addFields: { m: 1 } }, { $project: { n: 1, m: 1 } }] }, { n: 2, m: 1 }),
      ...updated({ u: [{ $unset: 'm' }] }, { _id: 1, n: 2 }),
      ...updated({ u: [{ $replaceRoot: { newRoot: { o: 1 } } }] }, { _id: 1, o: 1 }),
      ...updated({ u: [{ $replaceWith: { p: 1 } }] }, { _id: 1, p: 1 }),
    ]),
    yes('upserts: equalities seed the document, rules of `_id`', [
      [
        {
          update: 'things',
          updates: [{ q: { _id: 1, a: 5, b: { $gt: 1 } }, u: { $set: { c: 1 } }, upsert: true }],
        },
        { upserted: [{ index: 0, _id: 1 }] },
      ],
      [
        { find: 'things' },
        ({ cursor: { firstBatch } }) => JSON.stringify(firstBatch) === '[{"_id":1,"a":5,"c":1}]',
      ],
      [{ update: 'things', updates: [{ q: { _id: 1 }, u: { $set: { _id: 2 } } }] }, 66],
    ]),
    yes('names with dots and dollars as values; `$setField`', [
      [{ insert: 'things', documents: [{ _id: 1, 'a.b': 1, c: { $d: 2 } }] }, { n: 1 }],
      ...updated(
        { u: [{ $replaceWith: { $setField: { field: 'a.b', input: '$$ROOT', value: 3 } } }] },
        { _id: 1, 'a.b': 3, c: { $d: 2 } },
      ),
    ]),
    yes('fields keep their places, new ones follow by name, numbers as numbers', [
      [{ insert: 'things', documents: [{ _id: 1, z: 0, a: 0 }] }],
      [
        {
          update: 'things',
          updates: [{ q: {}, u: { $set: { y: 1, '10': 1, '9': 1, z: 1, b: 1 } } }],
        },
      ],
      [
        {
          aggregate: 'things',
          pipeline: [
            {
              $project: {
                names: { $map: { input: { $objectToArray: '$$ROOT' }, in: '$$this.k' } },
              },
            },
          ],
          cursor: {},
        },
        batch({ names: ['_id', 'z', 'a', '9', '10', 'b', 'y'] }),
      ],
    ]),
    yes(
      'a Timestamp(0, 0) is filled in by the server',
      [
        [{ insert: 'things', documents: [{ _id: 1, t: new Timestamp({ t: 0, i: 0 }) }] }],
        [{ find: 'things', filter: { t: { $gt: new Timestamp({ t: 1, i: 0 }) } } }, ids(1)],
      ],
      'in top-level fields, as in MongoDB',
    ),
    no('unknown operators', 'refused as by MongoDB: error 9', [
      numbers(1),
      [{ update: 'things', updates: [{ q: {}, u: { $double: { a: 1 } } }] }, 9],
    ]),
  ],
};
