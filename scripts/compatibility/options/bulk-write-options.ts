/** Fields of bulkWrite. */
import { Timestamp } from 'bson';
import type { Document } from 'mongodb';
import { ids, type Step } from '../feature-row.ts';
import { statementIds } from '../repeated-write.ts';
import { acts, type CommandOptions, caseless, refused } from './option-row.ts';

const emptyTimestamp = new Timestamp({ t: 0, i: 0 });

function bulk(operation: Document, fields: Document = {}): Document {
  return {
    bulkWrite: 1,
    ops: [operation],
    nsInfo: [{ ns: 'bulk.things' }],
    $db: 'admin',
    ...fields,
  };
}

const set = { $set: { a: 9 } };

/** Three documents in `bulk.things`, then the steps there. */
function inBulk(...steps: readonly Step[]): readonly Step[] {
  return [
    [{ delete: 'things', deletes: [{ q: {}, limit: 0 }], $db: 'bulk' }],
    [
      {
        insert: 'things',
        documents: [1, 2, 3].map((a) => ({ _id: a, a, s: 'Tea', tags: ['x'] })),
        $db: 'bulk',
      },
    ],
    ...steps,
  ];
}

export const bulkWriteOptions: CommandOptions = {
  command: 'bulkWrite',
  options: {
    'ops: insert, document': acts(
      ...inBulk([bulk({ insert: 0, document: { _id: 4 } }), { nInserted: 1 }]),
    ),
    'ops: update, filter, updateMods': acts(
      ...inBulk([bulk({ update: 0, filter: { a: 2 }, updateMods: set }), { nModified: 1 }]),
    ),
    'ops: delete, filter': acts(
      ...inBulk([bulk({ delete: 0, filter: { a: 2 } }), { nDeleted: 1 }]),
    ),
    'ops: multi': acts(
      ...inBulk(
        [bulk({ update: 0, filter: {}, updateMods: set, multi: true }), { nModified: 3 }],
        [bulk({ delete: 0, filter: {}, multi: true }), { nDeleted: 3 }],
      ),
    ),
    'ops: upsert': acts(
      ...inBulk([
        bulk({ update: 0, filter: { _id: 8 }, updateMods: set, upsert: true }),
        { nUpserted: 1 },
      ]),
    ),
    'ops: arrayFilters': acts(
      ...inBulk([
        bulk({
          update: 0,
          filter: {},
          updateMods: { $set: { 'tags.$[x]': 'z' } },
          arrayFilters: [{ x: 'x' }],
        }),
        { nModified: 1 },
      ]),
    ),
    'ops: constants': acts(
      ...inBulk([
        bulk({
          update: 0,
          filter: {},
          updateMods: [{ $set: { a: '$$x' } }],
          constants: { x: 7 },
        }),
        { nModified: 1 },
      ]),
    ),
    'ops: collation': acts(
      ...inBulk([bulk({ delete: 0, filter: { s: 'TEA' }, collation: caseless }), { nDeleted: 1 }]),
    ),
    'ops: hint': acts(...inBulk([bulk({ delete: 0, filter: {}, hint: 'none' }), { nErrors: 1 }])),
    'ops: sort': acts(
      ...inBulk(
        [bulk({ update: 0, filter: {}, updateMods: set, sort: { a: -1 } })],
        [{ find: 'things', filter: { a: 9 }, $db: 'bulk' }, ids(3)],
      ),
    ),
    nsInfo: acts([bulk({ insert: 1, document: {} }), 2]),
    ordered: acts(
      ...inBulk([
        {
          bulkWrite: 1,
          ops: [
            { insert: 0, document: { _id: 1 } },
            { insert: 0, document: { _id: 6 } },
          ],
          nsInfo: [{ ns: 'bulk.things' }],
          ordered: false,
          $db: 'admin',
        },
        { nErrors: 1, nInserted: 1 },
      ]),
    ),
    errorsOnly: acts(
      ...inBulk([
        bulk({ insert: 0, document: { _id: 6 } }, { errorsOnly: true }),
        ({ cursor: { firstBatch } }) => firstBatch.length === 0,
      ]),
    ),
    cursor: acts(
      ...inBulk([
        bulk({ insert: 0, document: { _id: 6 } }, { cursor: { batchSize: 0 } }),
        ({ cursor }) => cursor.firstBatch.length === 0 && cursor.id > 0,
      ]),
    ),
    let: acts(
      ...inBulk([
        bulk({ delete: 0, filter: { $expr: { $eq: ['$a', '$$x'] } } }, { let: { x: 2 } }),
        { nDeleted: 1 },
      ]),
    ),
    bypassDocumentValidation: acts(
      [{ create: 'strict', validator: { a: 1 }, $db: 'bulk' }],
      [bulk({ insert: 0, document: {} }, { nsInfo: [{ ns: 'bulk.strict' }] }), { nErrors: 1 }],
      [
        bulk(
          { insert: 0, document: {} },
          { nsInfo: [{ ns: 'bulk.strict' }], bypassDocumentValidation: true },
        ),
        { nInserted: 1 },
      ],
    ),
    bypassEmptyTsReplacement: acts(
      ...inBulk(
        [
          bulk(
            { insert: 0, document: { _id: 7, t: emptyTimestamp } },
            { bypassEmptyTsReplacement: true },
          ),
        ],
        [{ find: 'things', filter: { t: emptyTimestamp }, $db: 'bulk' }, ids(7)],
      ),
    ),
    stmtIds: { kind: 'acts', probe: statementIds(bulk({ insert: 0, document: {} })) },
    'ops: upsertSupplied, sampleId': refused(
      'internal to sharding',
      ...inBulk(
        [bulk({ update: 0, filter: {}, updateMods: set, upsertSupplied: true }), 40415],
        [bulk({ delete: 0, filter: {}, sampleId: 1 }), 40415],
      ),
    ),
  },
};
