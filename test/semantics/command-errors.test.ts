/** What commands on documents are refused with: code and text, of the command or of its first write error. */
import { Long } from 'bson';
import type { Document } from 'mongodb';
import { beforeAll, expect, it } from 'vitest';
import { startShop } from '../support/shop.ts';
import { exact } from './table.ts';

type Row = readonly [command: Document, code: number, message: string];

const { db } = await startShop();

beforeAll(() =>
  db.command({
    insert: 'c',
    documents: [
      { _id: 1, a: 1 },
      { _id: 2, a: [1, 2] },
    ],
  }),
);

// The marks close in this order, as MongoDB writes them.
const anyNumber = "'[long, int, decimal, double']";
const anyBool = "'[bool, long, int, decimal, double']";

function unknown(field: string): [number, string] {
  return [40415, `BSON field '${field}' is an unknown field.`];
}

function missing(field: string): [number, string] {
  return [40414, `BSON field '${field}' is missing but a required field`];
}

function wrong(field: string, type: string, wanted: string): [number, string] {
  const expected = wanted.startsWith("'[") ? `types ${wanted}` : `type '${wanted}'`;
  return [14, `BSON field '${field}' is the wrong type '${type}', expected ${expected}`];
}

function negative(field: string): [number, string] {
  return [2, `BSON field '${field}' value must be >= 0, actual value '-1'`];
}

const set = { $set: { b: 1 } };
const noBatch = 'Write batch sizes must be between 1 and 100000. Got 0 operations.';

const rows: readonly Row[] = [
  // find
  [{ find: 'c', colour: 1 }, ...unknown('FindCommandRequest.colour')],
  [{ find: 'c', filter: 1 }, ...wrong('FindCommandRequest.filter', 'int', 'object')],
  [{ find: 'c', filter: 'x' }, ...wrong('FindCommandRequest.filter', 'string', 'object')],
  [{ find: 'c', filter: [] }, ...wrong('FindCommandRequest.filter', 'array', 'object')],
  [{ find: 'c', filter: null }, ...wrong('FindCommandRequest.filter', 'null', 'object')],
  [{ find: 'c', sort: 'a' }, ...wrong('FindCommandRequest.sort', 'string', 'object')],
  [{ find: 'c', sort: [1, -1] }, ...wrong('FindCommandRequest.sort', 'array', 'object')],
  [{ find: 'c', projection: 'a' }, ...wrong('FindCommandRequest.projection', 'string', 'object')],
  [{ find: 'c', projection: ['a'] }, ...wrong('FindCommandRequest.projection', 'array', 'object')],
  [{ find: 'c', limit: 'x' }, ...wrong('FindCommandRequest.limit', 'string', anyNumber)],
  [{ find: 'c', limit: {} }, ...wrong('FindCommandRequest.limit', 'object', anyNumber)],
  [{ find: 'c', limit: -1 }, ...negative('limit')],
  [{ find: 'c', skip: 'x' }, ...wrong('FindCommandRequest.skip', 'string', anyNumber)],
  [{ find: 'c', skip: -1 }, ...negative('skip')],
  [{ find: 'c', batchSize: 'x' }, ...wrong('FindCommandRequest.batchSize', 'string', anyNumber)],
  [{ find: 'c', batchSize: -1 }, ...negative('batchSize')],
  [{ find: 'c', singleBatch: 'x' }, ...wrong('FindCommandRequest.singleBatch', 'string', anyBool)],
  [{ find: 'c', returnKey: 'x' }, ...wrong('FindCommandRequest.returnKey', 'string', anyBool)],
  [{ find: 'c', showRecordId: {} }, ...wrong('FindCommandRequest.showRecordId', 'object', anyBool)],
  [{ find: 'c', tailable: 'x' }, ...wrong('FindCommandRequest.tailable', 'string', anyBool)],
  [{ find: 'c', min: 1 }, ...wrong('FindCommandRequest.min', 'int', 'object')],
  [{ find: 'c', max: 'x' }, ...wrong('FindCommandRequest.max', 'string', 'object')],
  [{ find: 'c', let: 1 }, ...wrong('FindCommandRequest.let', 'int', 'object')],
  [{ find: 'c', collation: 1 }, ...wrong('FindCommandRequest.collation', 'int', 'object')],
  [{ find: 'c', hint: 1 }, 9, 'Hint must be a string or an object'],
  [
    { find: 'c', hint: 'b_1' },
    2,
    'error processing query: ns=shop.c planner returned error :: caused by :: hint provided does not correspond to an existing index',
  ],
  [{ find: 'c', awaitData: true }, 9, "Cannot set 'awaitData' without also setting 'tailable'"],
  [
    { find: 'c', tailable: true, sort: { a: 1 } },
    2,
    'cannot use tailable option with a sort other than {$natural: 1}',
  ],
  [
    { find: 'c', tailable: true, singleBatch: true },
    2,
    "cannot use tailable option with the 'singleBatch' option",
  ],
  // count
  [{ count: 'c', query: 1 }, ...wrong('count.query', 'int', 'object')],
  [{ count: 'c', limit: 'x' }, 2, 'limit value is not a valid number'],
  [{ count: 'c', limit: null }, 2, 'limit value is not a valid number'],
  [{ count: 'c', skip: 'x' }, ...wrong('count.skip', 'string', anyNumber)],
  [{ count: 'c', skip: -1 }, ...negative('skip')],
  [{ count: 'c', colour: 1 }, ...unknown('count.colour')],
  [
    { count: 'c', query: { $foo: 1 } },
    2,
    "unknown top level operator: $foo. If you have a field name that starts with a '$' symbol, consider using $getField or $setField.",
  ],
  // distinct
  [{ distinct: 'c' }, ...missing('distinct.key')],
  [{ distinct: 'c', key: 1 }, ...wrong('distinct.key', 'int', 'string')],
  [{ distinct: 'c', key: null }, ...missing('distinct.key')],
  [{ getMore: Long.fromInt(7), collection: null }, ...missing('getMore.collection')],
  [
    { distinct: 'c', key: 'a', query: { $expr: { $abs: '$a' } } },
    28765,
    'Executor error during distinct command :: caused by :: $abs only supports numeric types, not array',
  ],
  [{ distinct: 'c', key: 'a', query: 1 }, ...wrong('distinct.query', 'int', 'object')],
  [{ distinct: 'c', key: 'a', colour: 1 }, ...unknown('distinct.colour')],
  // insert
  [{ insert: 'c' }, ...missing('insert.documents')],
  [{ insert: 'c', documents: [] }, 16, noBatch],
  [{ insert: 'c', documents: 1 }, ...wrong('insert.documents', 'int', 'array')],
  [{ insert: 'c', documents: {} }, ...wrong('insert.documents', 'object', 'array')],
  [{ insert: 'c', documents: [1] }, ...wrong('insert.documents.0', 'int', 'object')],
  [{ insert: 'c', documents: [{}, null] }, ...wrong('insert.documents.1', 'null', 'object')],
  [{ insert: 'c', documents: [{}], colour: 1 }, ...unknown('insert.colour')],
  [{ insert: 'c', documents: [{ _id: [1] }] }, 53, "The '_id' value cannot be of type array"],
  [{ insert: 'c', documents: [{ _id: /x/ }] }, 53, "The '_id' value cannot be of type regex"],
  [
    { insert: 'c', documents: [{ _id: { $a: 1 } }] },
    52,
    "_id fields may not contain '$'-prefixed fields: $a is not valid for storage.",
  ],
  [
    { insert: 'c', documents: [{ _id: 1 }] },
    11000,
    'E11000 duplicate key error collection: shop.c index: _id_ dup key: { _id: 1 }',
  ],
  [
    { insert: 'c', documents: [{ _id: 1.0 }] },
    11000,
    'E11000 duplicate key error collection: shop.c index: _id_ dup key: { _id: 1 }',
  ],
  // update
  [{ update: 'c' }, ...missing('update.updates')],
  [{ update: 'c', updates: [] }, 16, noBatch],
  [{ update: 'c', updates: 1 }, ...wrong('update.updates', 'int', 'array')],
  [{ update: 'c', updates: [{ u: set }] }, ...missing('update.updates.q')],
  [{ update: 'c', updates: [{ q: {} }] }, ...missing('update.updates.u')],
  [
    { update: 'c', updates: [{ q: 'x', u: set }] },
    ...wrong('update.updates.q', 'string', 'object'),
  ],
  [{ update: 'c', updates: [{ q: [], u: set }] }, ...wrong('update.updates.q', 'array', 'object')],
  [
    { update: 'c', updates: [{ q: {}, u: 'x' }] },
    9,
    'Update argument must be either an object or an array',
  ],
  [
    { update: 'c', updates: [{ q: {}, u: 1 }] },
    9,
    'Update argument must be either an object or an array',
  ],
  [
    { update: 'c', updates: [{ q: {}, u: set, multi: 'x' }] },
    ...wrong('update.updates.multi', 'string', 'bool'),
  ],
  [
    { update: 'c', updates: [{ q: {}, u: set, upsert: 1 }] },
    ...wrong('update.updates.upsert', 'int', 'bool'),
  ],
  [
    { update: 'c', updates: [{ q: {}, u: set, arrayFilters: 1 }] },
    ...wrong('update.updates.arrayFilters', 'int', 'array'),
  ],
  [{ update: 'c', updates: [{ q: {}, u: set, colour: 1 }] }, ...unknown('update.updates.colour')],
  [{ update: 'c', updates: [{ q: {}, u: set }], colour: 1 }, ...unknown('update.colour')],
  [
    { update: 'c', updates: [{ q: {}, u: set }], let: [] },
    ...wrong('update.let', 'array', 'object'),
  ],
  [
    { update: 'c', updates: [{ q: {}, u: { b: 1 }, multi: true }] },
    9,
    'multi update is not supported for replacement-style update',
  ],
  [
    { update: 'c', updates: [{ q: { $foo: 1 }, u: set }] },
    2,
    "unknown top level operator: $foo. If you have a field name that starts with a '$' symbol, consider using $getField or $setField.",
  ],
  [
    { update: 'c', updates: [{ q: { _id: 1 }, u: { $foo: { x: 1 } } }] },
    9,
    'Unknown modifier: $foo. Expected a valid update modifier or pipeline-style update specified as an array',
  ],
  [
    { update: 'c', updates: [{ q: { _id: 1 }, u: { _id: 9 } }] },
    66,
    "After applying the update, the (immutable) field '_id' was found to have been altered to _id: 9",
  ],
  [
    { update: 'c', updates: [{ q: { _id: 1 }, u: [{ $set: { _id: 9 } }] }] },
    66,
    "After applying the update, the (immutable) field '_id' was found to have been altered to _id: 9",
  ],
  [
    { update: 'c', updates: [{ q: {}, u: [{ $match: {} }] }] },
    72,
    '$match is not allowed to be used within an update',
  ],
  [
    { update: 'c', updates: [{ q: {}, u: [{ $set: { a: 1 } }], arrayFilters: [{ e: 1 }] }] },
    9,
    'arrayFilters may not be specified for pipeline-syle updates',
  ],
  [
    { update: 'c', updates: [{ q: {}, u: set, c: { x: 1 } }] },
    51198,
    'Constant values may only be specified for pipeline updates',
  ],
  [
    { update: 'c', updates: [{ q: {}, u: set, multi: true, sort: { a: 1 } }] },
    9,
    'Cannot specify sort with multi=true',
  ],
  [
    { update: 'c', updates: [{ q: { _id: 9, a: 1, 'a.b': 2 }, u: set, upsert: true }] },
    54,
    "cannot infer query fields to set, both paths 'a.b' and 'a' are matched",
  ],
  [
    { update: 'c', updates: [{ q: { $and: [{ a: 8 }, { a: 9 }] }, u: set, upsert: true }] },
    54,
    "cannot infer query fields to set, path 'a' is matched twice",
  ],
  [
    {
      update: 'c',
      updates: [{ q: { _id: { $in: [] }, 'x.y': 1 }, u: { $set: { x: 1 } }, upsert: true }],
    },
    0,
    '',
  ],
  // delete
  [{ delete: 'c' }, ...missing('delete.deletes')],
  [{ delete: 'c', deletes: [] }, 16, noBatch],
  [{ delete: 'c', deletes: [{ limit: 1 }] }, ...missing('delete.deletes.q')],
  [{ delete: 'c', deletes: [{ q: {} }] }, ...missing('delete.deletes.limit')],
  [{ delete: 'c', deletes: [{ q: 1, limit: 1 }] }, ...wrong('delete.deletes.q', 'int', 'object')],
  [
    { delete: 'c', deletes: [{ q: {}, limit: 2 }] },
    9,
    'The limit field in delete objects must be 0 or 1. Got 2',
  ],
  [
    { delete: 'c', deletes: [{ q: {}, limit: -1 }] },
    9,
    'The limit field in delete objects must be 0 or 1. Got -1',
  ],
  [
    { delete: 'c', deletes: [{ q: {}, limit: Long.fromInt(3) }] },
    9,
    'The limit field in delete objects must be 0 or 1. Got 3',
  ],
  [{ delete: 'c', deletes: [{ q: {}, limit: 1, colour: 1 }] }, ...unknown('delete.deletes.colour')],
  [{ delete: 'c', deletes: [{ q: { a: { $foo: 1 } }, limit: 1 }] }, 2, 'unknown operator: $foo'],
  // findAndModify
  [{ findAndModify: 'c' }, 9, 'Either an update or remove=true must be specified'],
  [
    { findAndModify: 'c', remove: true, update: set },
    9,
    'Cannot specify both an update and remove=true',
  ],
  [
    { findAndModify: 'c', remove: true, new: true },
    9,
    "Cannot specify both new=true and remove=true; 'remove' always returns the deleted document",
  ],
  [
    { findAndModify: 'c', remove: true, upsert: true },
    9,
    'Cannot specify both upsert=true and remove=true ',
  ],
  [{ findAndModify: 'c', query: 1, update: set }, ...wrong('findAndModify.query', 'int', 'object')],
  [{ findAndModify: 'c', update: 1 }, 9, 'Update argument must be either an object or an array'],
  [
    { findAndModify: 'c', update: set, fields: 1 },
    ...wrong('findAndModify.fields', 'int', 'object'),
  ],
  [{ findAndModify: 'c', update: set, sort: 1 }, ...wrong('findAndModify.sort', 'int', 'object')],
  [{ findAndModify: 'c', update: set, colour: 1 }, ...unknown('findAndModify.colour')],
  [
    { findAndModify: 'c', update: [{ $set: { a: 1 } }], arrayFilters: [{ e: 1 }] },
    9,
    'Cannot specify arrayFilters and a pipeline update',
  ],
  [
    { findAndModify: 'c', remove: true, arrayFilters: [{ e: 1 }] },
    9,
    'Cannot specify arrayFilters and remove=true',
  ],
  [
    { findAndModify: 'c', query: { _id: 1 }, update: { $inc: { _id: 1 } } },
    66,
    "Plan executor error during findAndModify :: caused by :: Performing an update on the path '_id' would modify the immutable field '_id'",
  ],
  // getMore and killCursors
  [{ getMore: 1, collection: 'c' }, ...wrong('getMore.getMore', 'int', 'long')],
  [{ getMore: Long.fromInt(7) }, ...missing('getMore.collection')],
  [{ getMore: Long.fromInt(7), collection: 'c' }, 43, 'cursor id 7 not found'],
  [{ getMore: Long.fromInt(7), collection: 1 }, ...wrong('getMore.collection', 'int', 'string')],
  [{ getMore: Long.fromInt(7), collection: '' }, 73, "Invalid namespace specified 'shop.'"],
  [{ getMore: Long.fromInt(7), collection: 'c', batchSize: -1 }, ...negative('batchSize')],
  [{ getMore: Long.fromInt(7), collection: 'c', colour: 1 }, ...unknown('getMore.colour')],
  [{ killCursors: 'c' }, ...missing('killCursors.cursors')],
  [{ killCursors: 'c', cursors: 1 }, ...wrong('killCursors.cursors', 'int', 'array')],
  [{ killCursors: 'c', cursors: [1] }, ...wrong('killCursors.cursors.0', 'int', 'long')],
  // names
  ...['find', 'count', 'distinct', 'insert', 'update', 'delete', 'aggregate'].map(
    (name): Row => [
      {
        [name]: 1.5,
        ...(name === 'distinct' && { key: 'a' }),
        ...(name === 'insert' && { documents: [{}] }),
        ...(name === 'update' && { updates: [{ q: {}, u: set }] }),
        ...(name === 'delete' && { deletes: [{ q: {}, limit: 1 }] }),
        ...(name === 'aggregate' && { pipeline: [], cursor: {} }),
      },
      name === 'aggregate' ? 2 : 73,
      name === 'aggregate'
        ? "Invalid command format: the 'aggregate' field must specify a collection name or 1"
        : 'collection name has invalid type double',
    ],
  ),
  [{ find: '' }, 73, "Invalid namespace specified 'shop.'"],
  [{ find: '.a' }, 73, "Invalid namespace specified 'shop..a'"],
  [{ insert: 'a$b', documents: [{}] }, 73, 'Invalid collection name: a$b'],
  [
    { aggregate: 'c', pipeline: [{ $listLocalSessions: 1 }], cursor: {} },
    14,
    '$listLocalSessions options must be specified in an object, but found: int',
  ],
  [
    { aggregate: 'c', pipeline: [{ $listSessions: 1 }], cursor: {} },
    14,
    '$listSessions options must be specified in an object, but found: int',
  ],
  [{ nothing: 1 }, 59, "no such command: 'nothing'"],
];

async function answerTo(command: Document): Promise<[number, string]> {
  try {
    const { writeErrors } = await db.command(command);
    const [first] = writeErrors ?? [];
    return first === undefined ? [0, ''] : [first.code, first.errmsg];
  } catch (error) {
    const { code, message } = error as { code: number; message: string };
    return [code, message];
  }
}

it.each(rows.map((row) => [exact(row[0]), ...row] as const))(
  '%s is refused',
  async (_, command, code, message) => {
    expect((await answerTo(command)).join(': ')).toBe(`${code}: ${message}`);
  },
);
