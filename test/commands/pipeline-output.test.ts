/** $out and $merge, as a driver sees them. */
import type { Document } from 'mongodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { refusalOf, startShop } from '../support/shop.ts';

type Row = Document & { _id: number | string };

const { client, db } = await startShop();
const things = db.collection<Row>('things');
const target = db.collection<Row>('target');

beforeEach(async () => {
  await db.dropDatabase();
  await things.insertMany([
    { _id: 1, k: 'a', v: 10 },
    { _id: 2, k: 'b', v: 20 },
  ]);
});

function run(...pipeline: Document[]): Promise<Document[]> {
  return things.aggregate(pipeline).toArray();
}

function refusal(...pipeline: Document[]): Promise<string> {
  return refusalOf(run(...pipeline));
}

function written(): Promise<Document[]> {
  return target.find().sort({ _id: 1 }).toArray();
}

describe('$out', () => {
  test('makes a collection, or takes the place of one with its options and indexes', async () => {
    expect(await run({ $out: 'target' })).toEqual([]);
    expect(await written()).toHaveLength(2);
    await target.drop();
    await db.createCollection('target', { validator: { v: { $gt: 5 } } });
    await target.createIndex({ k: 1 }, { unique: true });
    await target.insertOne({ _id: 9, v: 9 });
    await run({ $match: { _id: 2 } }, { $out: 'target' });
    expect(await written()).toEqual([{ _id: 2, k: 'b', v: 20 }]);
    expect((await target.indexes()).map(({ name }) => name)).toEqual(['_id_', 'k_1']);
    const [info] = await db.listCollections({ name: 'target' }).toArray();
    expect((info as Document).options).toMatchObject({ validator: { v: { $gt: 5 } } });
  });

  test('leaves the target as it was when a document cannot be written', async () => {
    await target.createIndex({ same: 1 }, { unique: true });
    await target.insertOne({ _id: 9, same: 1 });
    expect(await refusal({ $set: { same: 2 } }, { $out: 'target' })).toMatch(
      /^11000 PlanExecutor error during aggregation :: caused by :: E11000 duplicate key error collection: shop.target/,
    );
    expect(await written()).toEqual([{ _id: 9, same: 1 }]);
    const names = (await db.listCollections().toArray()).map(({ name }) => name).sort();
    expect(names).toEqual(['target', 'things']);
  });

  test('writes a time series, also to another database', async () => {
    const other = client.db('other');
    await other.dropDatabase();
    const spec = { db: 'other', coll: 'series', timeseries: { timeField: 't', metaField: 'k' } };
    const at = new Date(0);
    await run({ $set: { t: at } }, { $out: spec });
    await run({ $match: { _id: 1 } }, { $set: { t: at } }, { $out: spec });
    expect(await other.collection<Row>('series').find().toArray()).toEqual([
      { _id: 1, k: 'a', v: 10, t: at },
    ]);
    const [info] = await other.listCollections({ name: 'series' }).toArray();
    expect(info).toMatchObject({ type: 'timeseries' });
    const changed = { ...spec, timeseries: { timeField: 't' } };
    expect(await refusal({ $out: changed })).toContain('7406103');
  });

  test.each([
    [1, '16990 $out only supports a string or object argument, but found int'],
    [{ db: 'a', coll: 'b', c: 1 }, "40415 BSON field '$out.c' is an unknown field."],
    [{ db: 'a' }, "40414 BSON field '$out.coll' is missing but a required field"],
    [
      { db: 1, coll: 'b' },
      "14 BSON field '$out.db' is the wrong type 'int', expected type 'string'",
    ],
    ['', '73 Invalid $out target namespace, shop.'],
    ['system.x', "17385 Can't $out to special collection: system.x"],
    [{ db: 'admin', coll: 'x' }, "31321 Can't $out to internal database: admin"],
  ])('refuses %j', async (spec, expected) => {
    expect(await refusal({ $out: spec })).toBe(expected);
  });

  test('is the last stage, and never explained by running it', async () => {
    expect(await refusal({ $out: 'x' }, { $match: {} })).toBe(
      '40601 $out can only be the final stage in the pipeline',
    );
    const explained = await things.aggregate([{ $out: 'target' }]).explain('queryPlanner');
    expect(explained.stages.at(-1)).toEqual({ $out: 'target' });
    await expect(
      things.aggregate([{ $out: 'target' }]).explain('executionStats'),
    ).rejects.toMatchObject({ code: 51029 });
    expect(await written()).toEqual([]);
  });
});

describe('$merge', () => {
  test.each([
    [
      'merge',
      'insert',
      [
        { _id: 1, old: 1, k: 'a', v: 10 },
        { _id: 2, k: 'b', v: 20 },
      ],
    ],
    [
      'replace',
      'insert',
      [
        { _id: 1, k: 'a', v: 10 },
        { _id: 2, k: 'b', v: 20 },
      ],
    ],
    [
      'keepExisting',
      'insert',
      [
        { _id: 1, old: 1 },
        { _id: 2, k: 'b', v: 20 },
      ],
    ],
    ['merge', 'discard', [{ _id: 1, old: 1, k: 'a', v: 10 }]],
    ['replace', 'discard', [{ _id: 1, k: 'a', v: 10 }]],
    [[{ $set: { sum: { $add: ['$old', '$$new.v'] } } }], 'discard', [{ _id: 1, old: 1, sum: 11 }]],
    [
      [{ $set: { x: 1 } }],
      'insert',
      [
        { _id: 1, old: 1, x: 1 },
        { _id: 2, k: 'b', v: 20 },
      ],
    ],
  ])('whenMatched %j, whenNotMatched %s', async (whenMatched, whenNotMatched, expected) => {
    await target.insertOne({ _id: 1, old: 1 });
    expect(await run({ $merge: { into: 'target', whenMatched, whenNotMatched } })).toEqual([]);
    expect(await written()).toEqual(expected);
  });

  test('fails where it is told to, and writes the others of the batch', async () => {
    await target.insertOne({ _id: 1, old: 1 });
    expect(await refusal({ $merge: { into: 'target', whenMatched: 'fail' } })).toMatch(
      /^11000 PlanExecutor error/,
    );
    expect(await written()).toEqual([
      { _id: 1, old: 1 },
      { _id: 2, k: 'b', v: 20 },
    ]);
    await target.deleteOne({ v: 20 });
    expect(await refusal({ $merge: { into: 'target', whenNotMatched: 'fail' } })).toMatch(
      /^13113 PlanExecutor error during aggregation :: caused by :: \$merge could not find a matching document/,
    );
  });

  test('finds documents by the fields of a unique index', async () => {
    await target.createIndex({ k: 1 }, { unique: true });
    await target.insertOne({ _id: 'x', k: 'a' });
    await run({ $unset: '_id' }, { $merge: { into: 'target', on: 'k' } });
    expect((await target.find().sort({ k: 1 }).toArray()).map(({ k, v }) => [k, v])).toEqual([
      ['a', 10],
      ['b', 20],
    ]);
    expect(await refusal({ $merge: { into: 'target', on: 'k' } })).toMatch(
      /^66 PlanExecutor error during aggregation :: caused by :: \$merge failed to update the matching document, did you attempt to modify the _id/,
    );
    expect(await refusal({ $merge: { into: 'target', on: 'v' } })).toBe(
      '51183 Cannot find index to verify that join fields will be unique',
    );
    expect(await refusal({ $set: { k: [1] } }, { $merge: { into: 'target', on: 'k' } })).toContain(
      "51185 PlanExecutor error during aggregation :: caused by :: $merge write error: 'on' field 'k' is an array",
    );
  });

  test('goes into no time series', async () => {
    await db.createCollection('target', { timeseries: { timeField: 't' } });
    expect(await refusal({ $merge: 'target' })).toBe(
      '166 Namespace shop.target is a timeseries collection',
    );
  });

  test('has variables of its own', async () => {
    await target.insertOne({ _id: 1, n: 1 });
    const whenMatched = [{ $set: { n: { $add: ['$n', '$$by', '$$new.v'] } } }];
    const spec = { into: 'target', let: { by: '$v' }, whenMatched, whenNotMatched: 'discard' };
    await run({ $merge: spec });
    expect(await written()).toEqual([{ _id: 1, n: 21 }]);
  });

  test.each([
    [1, '14 $merge requires a string or object argument, but found int'],
    [{}, "40414 BSON field '$merge.into' is missing but a required field"],
    [{ into: 1 }, "51178 $merge 'into' field  must be either a string or an object, but found int"],
    [{ into: '' }, "5786800 $merge 'into' field cannot be an empty string"],
    [
      { into: {} },
      "5786801 $merge 'into' field must specify a 'coll' that is not empty, null or undefined",
    ],
    [
      { into: 'a', on: 1 },
      "51186 $merge 'on' field  must be either a string or an array of strings, but found int",
    ],
    [
      { into: 'a', on: [] },
      "51187 If explicitly specifying $merge 'on', must include at least one field",
    ],
    [{ into: 'a', on: [1] }, "51134 $merge 'on' array elements must be strings, but found int"],
    [{ into: 'a', on: ['b', 'b'] }, "31465 Found a duplicate field 'b'"],
    [
      { into: 'a', whenMatched: 1 },
      "51191 $merge 'whenMatched' field  must be either a string or an array, but found int",
    ],
    [
      { into: 'a', whenMatched: 'x' },
      "2 Enumeration value 'x' for field 'whenMatched' is not a valid value.",
    ],
    [
      { into: 'a', whenNotMatched: 'x' },
      "2 Enumeration value 'x' for field '$merge.whenNotMatched' is not a valid value.",
    ],
    [
      { into: 'a', whenMatched: 'fail', whenNotMatched: 'fail' },
      "51181 Combination of $merge modes 'whenMatched: fail' and 'whenNotMatched: fail' is not supported",
    ],
    [{ into: 'a', let: {} }, "51199 Cannot use 'let' variables with 'whenMatched: merge' mode"],
    [
      { into: 'a', let: { new: 1 }, whenMatched: [] },
      "51273 'let' may not define a value for the reserved 'new' variable other than '$$ROOT'",
    ],
    [{ into: 'system.x' }, '31319 Cannot $merge to special collection: system.x'],
    [{ into: { db: 'local', coll: 'x' } }, '31320 Cannot $merge to internal database: local'],
  ])('refuses %j', async (spec, expected) => {
    expect(await refusal({ $merge: spec })).toBe(expected);
  });
});
