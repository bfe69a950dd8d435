/** Fields of the commands that change documents. */
import { Timestamp } from 'bson';
import type { Document } from 'mongodb';
import { batch, ids, type Step } from '../feature-row.ts';
import { statementIds } from '../repeated-write.ts';
import { bulkWriteOptions } from './bulk-write-options.ts';
import {
  acts,
  type CommandOptions,
  caseless,
  idle,
  left,
  refused,
  tea,
  validated,
  withThings,
} from './option-row.ts';

const emptyTimestamp = new Timestamp({ t: 0, i: 0 });
const keptTimestamp: Step = [{ find: 'things', filter: { t: emptyTimestamp } }, ids(7)];

const insertOptions: CommandOptions = {
  command: 'insert',
  options: {
    documents: acts([{ insert: 'things', documents: [{ _id: 1 }] }, { n: 1 }], left({ _id: 1 })),
    ordered: acts(
      [
        { insert: 'things', documents: [{ _id: 1 }, { _id: 1 }, { _id: 2 }], ordered: false },
        { n: 2, writeErrors: [{ index: 1 }] },
      ],
      [
        { insert: 'things', documents: [{ _id: 1 }, { _id: 3 }], ordered: true },
        { n: 0, writeErrors: [{ index: 0 }] },
      ],
    ),
    bypassDocumentValidation: acts(
      ...validated,
      [{ insert: 'strict', documents: [{ a: -1 }] }, 121],
      [{ insert: 'strict', documents: [{ a: -1 }], bypassDocumentValidation: true }, { n: 1 }],
    ),
    bypassEmptyTsReplacement: acts(
      [
        {
          insert: 'things',
          documents: [{ _id: 7, t: emptyTimestamp }],
          bypassEmptyTsReplacement: true,
        },
      ],
      keptTimestamp,
    ),
    stmtIds: {
      kind: 'acts',
      probe: statementIds({ insert: 'things', documents: [{ _id: 1 }] }),
    },
    collectionUUID: refused('internal to MongoDB', [
      { insert: 'things', documents: [{}], collectionUUID: 1 },
      40415,
    ]),
  },
};

function update(statement: Document, fields: Document = {}): Document {
  return { update: 'things', updates: [{ q: {}, u: { $set: { a: 9 } }, ...statement }], ...fields };
}

const updateOptions: CommandOptions = {
  command: 'update',
  options: {
    updates: acts(...withThings([update({}), { n: 1, nModified: 1 }])),
    'updates.q': acts(
      ...withThings(
        [update({ q: { a: 2 } })],
        left({ _id: 1, a: 1 }, { _id: 2, a: 9 }, { _id: 3, a: 3 }),
      ),
    ),
    'updates.u': acts(...withThings([update({ u: [{ $set: { a: 9 } }] }), { nModified: 1 }])),
    'updates.c': acts(
      ...withThings(
        [update({ u: [{ $set: { a: '$$x' } }], c: { x: 7 } })],
        left({ _id: 1, a: 7 }, { _id: 2, a: 2 }, { _id: 3, a: 3 }),
      ),
    ),
    'updates.multi': acts(...withThings([update({ multi: true }), { n: 3 }])),
    'updates.upsert': acts([update({ q: { _id: 5 }, upsert: true }), { upserted: [{ _id: 5 }] }]),
    'updates.arrayFilters': acts(
      ...withThings(
        [update({ u: { $set: { 'tags.$[x]': 'z' } }, arrayFilters: [{ x: 'y' }] })],
        [{ find: 'things', filter: { _id: 1 } }, batch({ tags: ['x', 'z'] })],
      ),
    ),
    'updates.collation': acts(tea, [update({ q: { s: 'TEA' }, collation: caseless }), { n: 1 }]),
    'updates.hint': acts(...withThings([update({ hint: 'none' }), 2])),
    'updates.sort': acts(
      ...withThings(
        [update({ sort: { a: -1 } })],
        left({ _id: 1, a: 1 }, { _id: 2, a: 2 }, { _id: 3, a: 9 }),
      ),
    ),
    let: acts(
      ...withThings(
        [update({ q: { $expr: { $eq: ['$a', '$$x'] } } }, { let: { x: 2 } }), { n: 1 }],
        left({ _id: 1, a: 1 }, { _id: 2, a: 9 }, { _id: 3, a: 3 }),
      ),
    ),
    ordered: acts(
      ...withThings([
        {
          update: 'things',
          updates: [
            { q: {}, u: { $set: { _id: 9 } } },
            { q: {}, u: { $set: { a: 9 } } },
          ],
          ordered: false,
        },
        { n: 1, writeErrors: [{ index: 0 }] },
      ]),
    ),
    bypassDocumentValidation: acts(
      ...validated,
      [{ update: 'strict', updates: [{ q: {}, u: { $set: { a: -1 } } }] }, 121],
      [
        {
          update: 'strict',
          updates: [{ q: {}, u: { $set: { a: -1 } } }],
          bypassDocumentValidation: true,
        },
        { n: 1 },
      ],
    ),
    bypassEmptyTsReplacement: acts(
      [
        update(
          { q: { _id: 7 }, u: { t: emptyTimestamp }, upsert: true },
          { bypassEmptyTsReplacement: true },
        ),
      ],
      keptTimestamp,
    ),
    stmtIds: { kind: 'acts', probe: statementIds(update({ q: { _id: 1 }, upsert: true })) },
    'updates.upsertSupplied': refused(
      'internal to sharding',
      ...withThings([update({ upsertSupplied: true }), 40415]),
    ),
    'updates.sampleId': refused(
      'internal to sharding',
      ...withThings([update({ sampleId: 1 }), 40415]),
    ),
  },
};

function remove(statement: Document, fields: Document = {}): Document {
  return { delete: 'things', deletes: [{ q: {}, limit: 1, ...statement }], ...fields };
}

const deleteOptions: CommandOptions = {
  command: 'delete',
  options: {
    deletes: acts(...withThings([remove({}), { n: 1 }])),
    'deletes.q': acts(
      ...withThings([remove({ q: { a: 2 } })], left({ _id: 1, a: 1 }, { _id: 3, a: 3 })),
    ),
    'deletes.limit': acts(...withThings([remove({ limit: 0 }), { n: 3 }])),
    'deletes.collation': acts(tea, [remove({ q: { s: 'TEA' }, collation: caseless }), { n: 1 }]),
    'deletes.hint': acts(...withThings([remove({ hint: 'none' }), 2])),
    let: acts(
      ...withThings(
        [remove({ q: { $expr: { $eq: ['$a', '$$x'] } } }, { let: { x: 2 } })],
        left({ _id: 1, a: 1 }, { _id: 3, a: 3 }),
      ),
    ),
    ordered: acts(
      ...withThings([
        {
          delete: 'things',
          deletes: [
            { q: {}, limit: 1, hint: 'none' },
            { q: {}, limit: 1 },
          ],
          ordered: false,
        },
        { n: 1, writeErrors: [{ index: 0 }] },
      ]),
    ),
    bypassDocumentValidation: idle('what is removed is not validated', ...validated, [
      { delete: 'strict', deletes: [{ q: {}, limit: 1 }], bypassDocumentValidation: true },
      { n: 1 },
    ]),
    stmtIds: { kind: 'acts', probe: statementIds(remove({})) },
    'deletes.sampleId': refused(
      'internal to sharding',
      ...withThings([remove({ sampleId: 1 }), 40415]),
    ),
  },
};

function modify(fields: Document): Document {
  return { findAndModify: 'things', update: { $set: { a: 9 } }, ...fields };
}

const findAndModifyOptions: CommandOptions = {
  command: 'findAndModify',
  options: {
    query: acts(...withThings([modify({ query: { a: 2 } }), { value: { _id: 2 } }])),
    sort: acts(...withThings([modify({ sort: { a: -1 } }), { value: { _id: 3 } }])),
    remove: acts(
      ...withThings(
        [{ findAndModify: 'things', remove: true }],
        left({ _id: 2, a: 2 }, { _id: 3, a: 3 }),
      ),
    ),
    update: acts(
      ...withThings([modify({})], left({ _id: 1, a: 9 }, { _id: 2, a: 2 }, { _id: 3, a: 3 })),
    ),
    new: acts(...withThings([modify({ new: true }), { value: { a: 9 } }])),
    fields: acts(
      ...withThings([
        modify({ fields: { _id: 1 } }),
        ({ value }) => JSON.stringify(value) === '{"_id":1}',
      ]),
    ),
    upsert: acts([
      modify({ query: { _id: 5 }, upsert: true }),
      { lastErrorObject: { upserted: 5 } },
    ]),
    arrayFilters: acts(
      ...withThings([
        modify({
          update: { $set: { 'tags.$[x]': 'z' } },
          arrayFilters: [{ x: 'y' }],
          new: true,
        }),
        { value: { tags: ['x', 'z'] } },
      ]),
    ),
    collation: acts(tea, [
      modify({ query: { s: 'TEA' }, collation: caseless }),
      { value: { _id: 9 } },
    ]),
    hint: acts(...withThings([modify({ hint: 'none' }), 2])),
    let: acts(
      ...withThings([
        modify({ query: { $expr: { $eq: ['$a', '$$x'] } }, let: { x: 2 } }),
        { value: { _id: 2 } },
      ]),
    ),
    bypassDocumentValidation: acts(
      ...validated,
      [{ findAndModify: 'strict', update: { $set: { a: -1 } } }, 121],
      [
        {
          findAndModify: 'strict',
          update: { $set: { a: -1 } },
          bypassDocumentValidation: true,
        },
        { lastErrorObject: { n: 1 } },
      ],
    ),
    bypassEmptyTsReplacement: acts(
      [
        modify({
          query: { _id: 7 },
          update: { t: emptyTimestamp },
          upsert: true,
          bypassEmptyTsReplacement: true,
        }),
      ],
      keptTimestamp,
    ),
  },
};

export const writeOptions: readonly CommandOptions[] = [
  insertOptions,
  updateOptions,
  deleteOptions,
  findAndModifyOptions,
  bulkWriteOptions,
];
