/** $densify, $fill and $geoNear, as a driver sees them. */
import type { Document } from 'mongodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { refusalOf, startShop } from '../support/shop.ts';

type Row = Document & { _id: number };

const { db } = await startShop();
const things = db.collection<Row>('things');

beforeEach(async () => {
  await db.dropDatabase();
});

function run(...pipeline: Document[]): Promise<Document[]> {
  return things.aggregate(pipeline).toArray();
}

function refusal(...pipeline: Document[]): Promise<string> {
  return refusalOf(run(...pipeline));
}

describe('$densify', () => {
  const values = (documents: Document[]) => documents.map(({ p, v }) => (p ? [p, v] : v));
  test('adds what is missing between the least and the greatest value', async () => {
    await things.insertMany([
      { _id: 1, v: 1 },
      { _id: 2, v: 5 },
      { _id: 3, v: 2.5 },
      { _id: 4, v: null },
    ]);
    const found = await run({ $densify: { field: 'v', range: { step: 2, bounds: 'full' } } });
    expect(found).toEqual([
      { _id: 4, v: null },
      { _id: 1, v: 1 },
      { _id: 3, v: 2.5 },
      { v: 3 },
      { _id: 2, v: 5 },
    ]);
  });

  test('writes the partition as the document behind the gap has it, and the first one at the end', async () => {
    await things.insertMany([
      { _id: 1, p: 'a', v: 1 },
      { _id: 2, p: 'A', v: 3 },
    ]);
    const range = { step: 1, bounds: [1, 5] };
    const pipeline = [{ $densify: { field: 'v', partitionByFields: ['p'], range } }];
    const collation = { locale: 'en', strength: 1 };
    expect(values(await things.aggregate(pipeline, { collation }).toArray())).toEqual([
      ['a', 1],
      ['A', 2],
      ['A', 3],
      ['a', 4],
    ]);
  });

  test('by partition, in all of them or within bounds', async () => {
    await things.insertMany([
      { _id: 1, p: 'a', v: 1 },
      { _id: 2, p: 'a', v: 3 },
      { _id: 3, p: 'b', v: 2 },
    ]);
    const densify = async (bounds: unknown) =>
      values(
        await run({
          $densify: { field: 'v', partitionByFields: ['p'], range: { step: 1, bounds } },
        }),
      );
    expect(await densify('partition')).toEqual([
      ['a', 1],
      ['a', 2],
      ['a', 3],
      ['b', 2],
    ]);
    expect(await densify('full')).toEqual([
      ['a', 1],
      ['a', 2],
      ['a', 3],
      ['b', 1],
      ['b', 2],
      ['b', 3],
    ]);
    expect(await densify([2, 5])).toEqual([
      ['a', 1],
      ['a', 2],
      ['a', 3],
      ['a', 4],
      ['b', 2],
      ['b', 3],
      ['b', 4],
    ]);
  });

  test('dates go by the calendar', async () => {
    const day = (text: string) => new Date(text);
    await things.insertMany([
      { _id: 1, v: day('2020-01-31') },
      { _id: 2, v: day('2020-04-30') },
    ]);
    const range = { step: 1, unit: 'month', bounds: 'full' };
    expect(values(await run({ $densify: { field: 'v', range } }))).toEqual(
      ['2020-01-31', '2020-02-29', '2020-03-31', '2020-04-30'].map(day),
    );
  });

  test('bounds make documents where there are none', async () => {
    const range = { step: 1, bounds: [0, 3] };
    expect(await run({ $densify: { field: 'v', range } })).toEqual([{ v: 0 }, { v: 1 }, { v: 2 }]);
  });

  test.each([
    [1, '9 The $densify stage specification must be an object, found int'],
    [{ field: 'v' }, "40414 BSON field '$densify.range' is missing but a required field"],
    [
      { field: 'v', range: { step: 0, bounds: 'full' } },
      '5733401 The step parameter in a range statement must be a strictly positive numeric value',
    ],
    [
      { field: 'v', range: { step: 1, bounds: [1] } },
      '5733403 A bounding array in a range statement must have exactly two elements',
    ],
    [
      { field: 'v', range: { step: 1, bounds: [2, 1] } },
      '5733402 A bounding array must be an ascending array of either two dates or two numbers',
    ],
    [
      { field: 'v', range: { step: 1, bounds: [1, 2], unit: 'day' } },
      '5733409 Numeric bounds may not have unit parameter',
    ],
    [
      { field: 'v', range: { step: 1, bounds: 'no' } },
      "5946802 Bounds string must either be 'full' or 'partition'",
    ],
    [
      { field: 'v', range: { step: 1.5, bounds: 'full', unit: 'day' } },
      '6586400 The step parameter in a range statement must be a whole number when densifying a date range',
    ],
    [
      { field: 'v', partitionByFields: ['v'], range: { step: 1, bounds: 'full' } },
      "8993000 BSON field '$densify.partitionByFields' contains the field that is being densified",
    ],
  ])('refuses %j', async (spec, expected) => {
    expect(await refusal({ $densify: spec as Document })).toBe(expected);
  });

  test('takes numbers without a unit, and dates with one', async () => {
    await things.insertOne({ _id: 1, v: 'a' });
    const range = { step: 1, bounds: 'full' };
    expect(await refusal({ $densify: { field: 'v', range } })).toContain('5733201');
    expect(await refusal({ $densify: { field: 'v', range: { ...range, unit: 'day' } } })).toContain(
      '6053600',
    );
  });
});

describe('$fill', () => {
  test('takes a value, the last one before, or the line between two', async () => {
    await things.insertMany([
      { _id: 1, p: 'a', v: 1, w: null },
      { _id: 2, p: 'a', w: 2 },
      { _id: 3, p: 'b', v: null },
      { _id: 4, p: 'a', v: 7 },
    ]);
    const filled = async (method: Document, more: Document = {}) =>
      (await run({ $fill: { sortBy: { _id: 1 }, output: { v: method }, ...more } }))
        .sort((a, b) => a._id - b._id)
        .map(({ v }) => v);
    expect(await filled({ value: '$_id' })).toEqual([1, 2, 3, 7]);
    expect(await filled({ method: 'locf' })).toEqual([1, 1, 1, 7]);
    expect(await filled({ method: 'linear' })).toEqual([1, 3, 5, 7]);
    expect(await filled({ method: 'locf' }, { partitionByFields: ['p'] })).toEqual([1, 1, null, 7]);
    expect(await filled({ method: 'linear' }, { partitionBy: '$p' })).toEqual([1, 3, null, 7]);
  });

  test.each([
    [1, '9 The $fill stage specification must be an object, found int'],
    [{}, "40414 BSON field '$fill.output' is missing but a required field"],
    [
      { output: {} },
      "6050203 The output field in '$fill' must contain an object with at least one element",
    ],
    [
      { output: { a: 1 } },
      '6050200 Each fill output specification must be an object with exactly one field',
    ],
    [
      { output: { a: { method: 'locf', value: 1 } } },
      "6050201 Each fill output specification must have exactly one of 'method' or 'value' fields, not both",
    ],
    [{ output: { a: { method: 'no' } } }, '6050202 Method must be either locf or linear'],
    [
      { output: { a: { value: 1 } }, partitionBy: '$a', partitionByFields: ['a'] },
      "6050204 Maximum one of 'partitionBy' and 'partitionByFields can be specified in '$fill'",
    ],
  ])('refuses %j', async (spec, expected) => {
    expect(await refusal({ $fill: spec as Document })).toBe(expected);
  });
});

describe('$geoNear', () => {
  const near = { type: 'Point', coordinates: [0, 0] };
  beforeEach(async () => {
    await things.insertMany([
      { _id: 1, at: { type: 'Point', coordinates: [0, 2] }, kind: 'a' },
      { _id: 2, at: { type: 'Point', coordinates: [0, 1] }, kind: 'A' },
      { _id: 3, at: { type: 'Point', coordinates: [0, 3] }, kind: 'b' },
    ]);
  });

  test('gives distances, the nearest first, and may go on', async () => {
    await things.createIndex({ at: '2dsphere' });
    const geoNear = {
      near,
      distanceField: 'far.off',
      includeLocs: 'place',
      distanceMultiplier: 0.001,
    };
    const found = await run(
      { $geoNear: { ...geoNear, maxDistance: 250_000 } },
      { $match: { _id: { $gt: 0 } } },
    );
    expect(found.map(({ _id, far }) => [_id, Math.round(far.off)])).toEqual([
      [2, 111],
      [1, 223],
    ]);
    expect(found[0]!.place).toEqual({ type: 'Point', coordinates: [0, 1] });
    const query = { kind: 'a' };
    expect((await run({ $geoNear: { ...geoNear, query } })).map(({ _id }) => _id)).toEqual([1]);
    const collation = { locale: 'en', strength: 2 };
    const folded = await things
      .aggregate([{ $geoNear: { ...geoNear, query } }], { collation })
      .toArray();
    expect(folded.map(({ _id }) => _id)).toEqual([2, 1]);
    const { stages } = await things.aggregate([{ $geoNear: geoNear }]).explain();
    expect(Object.keys(stages[1])).toContain('$geoNear');
  });

  test('wants a geographical index, and one that is clear', async () => {
    const stage = { $geoNear: { near, distanceField: 'd' } };
    expect(await refusal(stage)).toBe(
      '27 $geoNear requires a 2d or 2dsphere index, but none were found',
    );
    await things.createIndexes([{ key: { at: '2dsphere' } }, { key: { other: '2dsphere' } }]);
    expect(await refusal(stage)).toBe(
      '27 There is more than one 2dsphere index on shop.things; unsure which to use for $geoNear',
    );
    expect(await run({ $geoNear: { ...stage.$geoNear, key: 'at' } })).toHaveLength(3);
    expect(await refusal({ $match: {} }, stage)).toBe(
      '40603 $geoNear was not the first stage in the pipeline.',
    );
  });

  test.each([
    [{ near }, "16606 $geoNear requires a 'distanceField' option as a String"],
    [
      { near, distanceField: 1 },
      "16606 $geoNear requires that the 'distanceField' option is a String",
    ],
    [{ distanceField: 'd' }, "5860400 $geoNear requires a 'near' argument"],
    [
      { near: '$x', distanceField: 'd' },
      "5860402 $geoNear requires a constant expression for 'near' argument",
    ],
    [
      { near: 1, distanceField: 'd' },
      "5860401 $geoNear requires 'near' argument to be an object or an array, but found: int",
    ],
    [
      { near, distanceField: 'd', includeLocs: 1 },
      "16607 $geoNear requires that the 'includeLocs' option is a String",
    ],
    [
      { near, distanceField: 'd', distanceMultiplier: -1 },
      "2 $geoNear requires that the 'distanceMultiplier' option is non-negative",
    ],
    [
      { near, distanceField: 'd', maxDistance: 'a' },
      "14 $geoNear requires that the 'maxDistance' option is a number",
    ],
    [
      { near, distanceField: 'd', query: 1 },
      "14 $geoNear requires that the 'query' option is an Object",
    ],
    [
      { near, distanceField: 'd', key: '' },
      "2 $geoNear parameter 'key' cannot be the empty string",
    ],
    [{ near, distanceField: 'd', more: 1 }, '2 Unknown argument to $geoNear: more'],
  ])('refuses %j', async (spec, expected) => {
    expect(await refusal({ $geoNear: spec as Document })).toBe(expected);
  });
});
