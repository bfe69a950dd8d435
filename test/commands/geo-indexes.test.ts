/** `2dsphere` and `2d` indexes, `$near` and `$nearSphere`, by the manual's pages. */
import type { Collection, Document } from 'mongodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { startShop } from '../support/shop.ts';

let c: Collection;

const { db } = await startShop();

beforeEach(async () => {
  await db.dropDatabase();
  c = db.collection('places');
});

/** The same points at every start. */
function* points(count: number): Generator<[number, number]> {
  let state = 12345;
  const next = (): number => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
  for (let at = 0; at < count; at++) yield [next() * 360 - 180, next() * 180 - 90];
}

async function insertPoints(count: number): Promise<void> {
  const documents = [...points(count)].map((coordinates, _id) => ({
    _id,
    kind: _id % 3,
    geo: { type: 'Point', coordinates },
    pair: coordinates,
  }));
  await c.insertMany(documents as never[]);
}

async function idsOf(filter: Document, options: Document = {}): Promise<unknown[]> {
  return (await c.find(filter, options).toArray()).map(({ _id }) => _id as unknown);
}

function leafOf(plan: Document): Document {
  return plan.inputStage === undefined ? plan : leafOf(plan.inputStage);
}

async function explain(filter: Document): Promise<Document> {
  return (await c.find(filter).explain('executionStats')) as Document;
}

const ring = [
  [0, 0],
  [40, 0],
  [40, 40],
  [0, 40],
  [0, 0],
];
const area = { $geometry: { type: 'Polygon', coordinates: [ring] } };

describe('an index', () => {
  test.each<[string, Document, Document]>([
    ['2dsphere', { geo: '2dsphere' }, { geo: { $geoWithin: area } }],
    ['2dsphere', { geo: '2dsphere' }, { geo: { $geoIntersects: area } }],
    ['2dsphere', { geo: '2dsphere' }, { geo: { $geoWithin: { $centerSphere: [[10, 10], 0.5] } } }],
    ['2dsphere', { kind: 1, geo: '2dsphere' }, { kind: 1, geo: { $geoWithin: area } }],
    ['2dsphere', { pair: '2dsphere' }, { pair: { $geoWithin: area } }],
    [
      '2d',
      { pair: '2d' },
      {
        pair: {
          $geoWithin: {
            $box: [
              [0, 0],
              [40, 40],
            ],
          },
        },
      },
    ],
    ['2d', { pair: '2d' }, { pair: { $geoWithin: { $center: [[0, 0], 30] } } }],
    [
      '2d',
      { pair: '2d' },
      {
        pair: {
          $geoWithin: {
            $polygon: [
              [0, 0],
              [50, 0],
              [25, 50],
            ],
          },
        },
      },
    ],
  ])('%s %j finds what a scan finds, and reads less: %j', async (_kind, key, filter) => {
    await insertPoints(2000);
    const expected = await idsOf(filter, { sort: { _id: 1 } });
    expect(expected.length).toBeGreaterThan(5);
    await c.createIndex(key as never);
    expect(await idsOf(filter, { sort: { _id: 1 } })).toEqual(expected);
    const { queryPlanner, executionStats } = await explain(filter);
    expect(leafOf(queryPlanner.winningPlan).stage).toBe('IXSCAN');
    expect(executionStats.totalDocsExamined).toBeLessThan(1000);
  });

  test('on lines, which bend to the pole, and polygons finds each once', async () => {
    await c.insertMany([
      {
        _id: 1,
        geo: {
          type: 'LineString',
          coordinates: [
            [-60, 5],
            [60, 5],
          ],
        },
      },
      { _id: 2, geo: { type: 'Polygon', coordinates: [ring] } },
      {
        _id: 3,
        geo: {
          type: 'LineString',
          coordinates: [
            [-60, -50],
            [60, -50],
          ],
        },
      },
    ] as never[]);
    await c.createIndex({ geo: '2dsphere' });
    const small = {
      type: 'Polygon',
      coordinates: [
        [
          [4, 4],
          [6, 4],
          [6, 12],
          [4, 4],
        ],
      ],
    };
    const filter = { geo: { $geoIntersects: { $geometry: small } } };
    expect(await idsOf(filter, { sort: { _id: 1 } })).toEqual([1, 2]);
  });

  test('follows updates and deletes', async () => {
    await insertPoints(50);
    await c.createIndex({ geo: '2dsphere' });
    await c.updateMany({}, { $set: { geo: { type: 'Point', coordinates: [100, 10] } } });
    await c.updateOne(
      { _id: 7 as never },
      { $set: { geo: { type: 'Point', coordinates: [5, 5] } } },
    );
    await c.updateOne({ _id: 8 as never }, { $unset: { geo: 1 } });
    await c.deleteOne({ _id: 9 as never });
    expect(await idsOf({ geo: { $geoWithin: area } })).toEqual([7]);
    const report = await db.command({ validate: 'places', full: true });
    expect(report).toMatchObject({ valid: true, keysPerIndex: { geo_2dsphere: 48 } });
  });

  test('read by a hint without a place to look for gives the documents that have one', async () => {
    await c.insertMany([{ _id: 1 }, { _id: 2, geo: [1, 1] }] as never[]);
    await c.createIndex({ geo: '2dsphere' });
    expect(await idsOf({}, { hint: { geo: '2dsphere' } })).toEqual([2]);
    expect(await idsOf({}, { hint: 'geo_2dsphere' })).toEqual([2]);
  });

  test('is listed with its version', async () => {
    await c.createIndexes([
      { key: { geo: '2dsphere' } },
      { key: { pair: '2d' }, bits: 20, min: -200, max: 200 },
    ]);
    expect(await c.listIndexes().toArray()).toMatchObject([
      {},
      { key: { geo: '2dsphere' }, name: 'geo_2dsphere', '2dsphereIndexVersion': 3 },
      { key: { pair: '2d' }, name: 'pair_2d', bits: 20, min: -200, max: 200 },
    ]);
  });
});

describe('$near', () => {
  const origin = { type: 'Point', coordinates: [10, 20] };

  /** Great-circle distance in metres, by the haversine formula. */
  function metres([lng, lat]: number[]): number {
    const [a, b] = [(lat! * Math.PI) / 180, (20 * Math.PI) / 180];
    const [da, dl] = [(a - b) / 2, ((lng! - 10) * Math.PI) / 180 / 2];
    const h = Math.sin(da) ** 2 + Math.cos(a) * Math.cos(b) * Math.sin(dl) ** 2;
    return 2 * 6378100 * Math.asin(Math.sqrt(h));
  }

  const bySphere = (filter: (distance: number) => boolean): number[] =>
    [...points(500)]
      .map((at, _id) => ({ _id, distance: metres(at) }))
      .filter(({ distance }) => filter(distance))
      .sort((a, b) => a.distance - b.distance)
      .map(({ _id }) => _id);

  test.each(['$near', '$nearSphere'])('gives all places, the nearest first: %s', async (name) => {
    await insertPoints(500);
    await c.createIndex({ geo: '2dsphere' });
    expect(await idsOf({ geo: { [name]: { $geometry: origin } } })).toEqual(bySphere(() => true));
    const within = { $geometry: origin, $minDistance: 1e6, $maxDistance: 5e6 };
    const expected = bySphere((distance) => distance >= 1e6 && distance <= 5e6);
    expect(expected.length).toBeGreaterThan(10);
    expect(await idsOf({ geo: { [name]: within } })).toEqual(expected);
    const [first, second] = bySphere(() => true);
    expect(await idsOf({ geo: { [name]: { $geometry: origin } } }, { limit: 2 })).toEqual([
      first,
      second,
    ]);
  });

  test('of a legacy pair takes radians on the sphere', async () => {
    await insertPoints(500);
    const filter = { pair: { $nearSphere: [10, 20], $maxDistance: 0.5 } };
    const expected = bySphere((distance) => distance <= 0.5 * 6378100);
    expect(expected.length).toBeGreaterThan(10);
    await c.createIndex({ pair: '2d' });
    expect(await idsOf(filter)).toEqual(expected);
    await c.dropIndex('pair_2d');
    await c.createIndex({ pair: '2dsphere' });
    expect(await idsOf(filter)).toEqual(expected);
  });

  test('of a legacy pair measures in the plane with a 2d index', async () => {
    await insertPoints(500);
    await c.createIndex({ pair: '2d' });
    const flat = [...points(500)]
      .map(([x, y], _id) => ({ _id, distance: Math.hypot(x - 10, y - 20) }))
      .sort((a, b) => a.distance - b.distance);
    expect(await idsOf({ pair: { $near: [10, 20] } })).toEqual(flat.map(({ _id }) => _id));
    const near = flat.filter(({ distance }) => distance >= 10 && distance <= 60);
    const filter = { pair: { $near: [10, 20], $minDistance: 10, $maxDistance: 60 } };
    expect(await idsOf(filter)).toEqual(near.map(({ _id }) => _id));
  });

  test('goes with other conditions, an order of its own, counts and writes', async () => {
    await insertPoints(500);
    await c.createIndex({ kind: 1, geo: '2dsphere' });
    const filter = { kind: 1, geo: { $near: { $geometry: origin, $maxDistance: 5e6 } } };
    const expected = bySphere((distance) => distance <= 5e6).filter((id) => id % 3 === 1);
    expect(await idsOf(filter)).toEqual(expected);
    const sorted = expected.toSorted((a, b) => a - b);
    expect(await idsOf(filter, { sort: { _id: 1 } })).toEqual(sorted);
    expect(await c.count(filter)).toBe(expected.length);
    await c.updateMany(filter, { $set: { found: true } });
    expect(await idsOf({ found: true }, { sort: { _id: 1 } })).toEqual(sorted);
    const removed = await c.findOneAndDelete(filter);
    expect(removed?._id).toBe(expected[0]);
  });

  test('is the stage GEO_NEAR_2DSPHERE, and stops when it has enough', async () => {
    await insertPoints(2000);
    await c.createIndex({ geo: '2dsphere' });
    const filter = { geo: { $near: { $geometry: origin, $maxDistance: 1e6 } } };
    const { queryPlanner, executionStats } = await explain(filter);
    expect(queryPlanner.winningPlan).toMatchObject({
      stage: 'GEO_NEAR_2DSPHERE',
      indexName: 'geo_2dsphere',
      keyPattern: { geo: '2dsphere' },
    });
    expect(executionStats.totalDocsExamined).toBeLessThan(200);
  });

  test('takes a GeoJSON point without $geometry, its distances in metres beside it', async () => {
    await insertPoints(300);
    await c.createIndex({ geo: '2dsphere' });
    const bare = { geo: { $near: origin, $maxDistance: 5e6 } };
    const wrapped = { geo: { $near: { $geometry: origin, $maxDistance: 5e6 } } };
    const found = await idsOf(bare);
    expect(found.length).toBeGreaterThan(0);
    expect(found).toEqual(await idsOf(wrapped));
    const { coordinates } = origin;
    const untyped = { geo: { $nearSphere: { $geometry: { coordinates }, $maxDistance: 5e6 } } };
    expect(await idsOf(untyped)).toEqual(found);
  });

  test('a document with several places counts once, with the nearest', async () => {
    await c.insertMany([
      { _id: 1, at: [{ p: [50, 50] }, { p: [1, 1] }] },
      { _id: 2, at: [{ p: [2, 2] }] },
    ] as never[]);
    await c.createIndex({ 'at.p': '2d' });
    expect(await idsOf({ 'at.p': { $near: [0, 0] } })).toEqual([1, 2]);
    expect(await idsOf({ 'at.p': { $near: [49, 49] } })).toEqual([1, 2]);
  });
});

describe('refused', () => {
  test.each<[number, Document]>([
    [16755, { geo: { type: 'Point', coordinates: [200, 0] } }],
    [16755, { geo: 'here' }],
    [16755, { geo: [1] }],
    [
      16755,
      {
        geo: {
          type: 'Polygon',
          coordinates: [
            [
              [0, 0],
              [1, 1],
            ],
          ],
        },
      },
    ],
    [13027, { pair: [200, 0] }],
    [13654, { pair: 'here' }],
  ])('with code %i is the document %j', async (code, document) => {
    await c.createIndexes([{ key: { geo: '2dsphere' } }, { key: { pair: '2d' } }]);
    await expect(c.insertOne(document)).rejects.toMatchObject({ code });
    expect(await c.countDocuments({})).toBe(0);
    // What was refused half-way leaves nothing behind.
    await c.insertOne({ geo: [1, 2], pair: [1, 2] });
    expect(await c.countDocuments({ geo: { $geoWithin: { $center: [[1, 2], 1] } } })).toBe(1);
  });

  test.each<[number, Document, Document]>([
    [72, { pair: '2d' }, { bits: 33 }],
    [67, { geo: '2dsphere' }, { '2dsphereIndexVersion': 9 }],
    [2, { a: 1, pair: '2d' }, {}],
    [67, { pair: '2d' }, { collation: { locale: 'fr' } }],
  ])('or an index: code %i for %j %j', async (code, key, options) => {
    await expect(c.createIndex(key as never, options)).rejects.toMatchObject({ code });
  });
});
