/** `$geoWithin` and `$geoIntersects` without an index, by the manual's pages. */
import type { Document } from 'mongodb';
import { beforeAll, describe, expect, test } from 'vitest';
import { startShop } from '../support/shop.ts';

const places: readonly Document[] = [
  { _id: 'pair', loc: [5, 5] },
  { _id: 'named', loc: { lng: 6, lat: 6, name: 'x' } },
  { _id: 'far', loc: [500, 500] },
  { _id: 'three', loc: [7, 7, 99] },
  { _id: 'point', loc: { type: 'Point', coordinates: [8, 8] } },
  {
    _id: 'line',
    loc: {
      type: 'LineString',
      coordinates: [
        [1, 1],
        [20, 1],
      ],
    },
  },
  {
    _id: 'area',
    loc: {
      type: 'Polygon',
      coordinates: [
        [
          [2, 2],
          [3, 2],
          [3, 3],
          [2, 2],
        ],
      ],
    },
  },
  {
    _id: 'many',
    loc: [
      [50, 50],
      [9, 9],
    ],
  },
  { _id: 'text', loc: 'nowhere' },
  { _id: 'null', loc: null },
  { _id: 'none' },
];

const { db } = await startShop();
const c = db.collection('places');
beforeAll(async () => {
  await c.insertMany(places.map((place) => ({ ...place }) as never));
});

async function found(loc: Document): Promise<unknown[]> {
  return (await c.find({ loc }).toArray()).map(({ _id }) => _id);
}

const square = [
  [0, 0],
  [10, 0],
  [10, 10],
  [0, 10],
  [0, 0],
];
const polygon = { $geometry: { type: 'Polygon', coordinates: [square] } };

describe('$geoWithin', () => {
  test.each<[string, Document, string[]]>([
    ['a polygon', polygon, ['pair', 'named', 'three', 'point', 'area', 'many']],
    [
      'a box',
      {
        $box: [
          [10, 10],
          [5, 5],
        ],
      },
      ['pair', 'named', 'three', 'point', 'many'],
    ],
    [
      'a box on the plane',
      {
        $box: [
          [400, 400],
          [600, 600],
        ],
      },
      ['far'],
    ],
    ['a circle', { $center: [[5, 5], 1] }, ['pair']],
    ['a circle that reaches a point', { $center: [[5, 5], Math.SQRT2] }, ['pair', 'named']],
    [
      'any circle',
      { $center: [[0, 0], Number.POSITIVE_INFINITY] },
      ['pair', 'named', 'far', 'three', 'point', 'many'],
    ],
    ['a circle on the sphere', { $centerSphere: [[5, 5], 0.03] }, ['pair', 'named']],
    [
      'a triangle',
      {
        $polygon: [
          [0, 0],
          [0, 6],
          [6, 6],
        ],
      },
      ['pair', 'named'],
    ],
    [
      'a triangle by its corners',
      { $polygon: { a: [0, 0], b: { x: 0, y: 6 }, c: [6, 6] } },
      ['pair', 'named'],
    ],
  ])('%s holds points in and on it', async (_what, region, expected) => {
    expect(await found({ $geoWithin: region })).toEqual(expected);
    expect(await found({ $within: region })).toEqual(expected);
  });

  test('negated it holds for everything else', async () => {
    const others = ['far', 'line', 'text', 'null', 'none'];
    expect(await found({ $not: { $geoWithin: polygon } })).toEqual(others);
  });
});

test('$geoIntersects holds for what touches the geometry', async () => {
  expect(await found({ $geoIntersects: polygon })).toEqual([
    'pair',
    'named',
    'three',
    'point',
    'line',
    'area',
    'many',
  ]);
  const meridian = {
    type: 'LineString',
    coordinates: [
      [15, -5],
      [15, 5],
    ],
  };
  expect(await found({ $geoIntersects: { $geometry: meridian } })).toEqual(['line']);
  const corner = { type: 'Point', coordinates: [2, 2] };
  expect(await found({ $geoIntersects: { $geometry: corner } })).toEqual(['area']);
});

const origin = { type: 'Point', coordinates: [0, 0] };
const near = { $near: { $geometry: origin } };

test.each<[number, Document]>([
  [2, { loc: { $geoWithin: {} } }],
  [2, { loc: { $geoWithin: 1 } }],
  [2, { loc: { $geoWithin: { $geometry: origin } } }],
  [2, { loc: { $geoWithin: { $box: [[0, 0]] } } }],
  [
    2,
    {
      loc: {
        $geoWithin: {
          $box: [
            [0, 0],
            [Number.NaN, 1],
          ],
        },
      },
    },
  ],
  [
    2,
    {
      loc: {
        $geoWithin: {
          $box: [
            [0, 0, 0],
            [1, 1, 1],
          ],
        },
      },
    },
  ],
  [2, { loc: { $geoWithin: { $center: [[0, 0], -1] } } }],
  [2, { loc: { $geoWithin: { $centerSphere: [[200, 0], 1] } } }],
  [
    2,
    {
      loc: {
        $geoWithin: {
          $polygon: [
            [0, 0],
            [1, 1],
          ],
        },
      },
    },
  ],
  [
    2,
    {
      loc: {
        $geoWithin: {
          $polygon: [
            [0, 0],
            [1, 1],
            [1, 0],
          ],
          $box: [
            [0, 0],
            [1, 1],
          ],
        },
      },
    },
  ],
  [
    2,
    {
      loc: {
        $geoIntersects: {
          $box: [
            [0, 0],
            [1, 1],
          ],
        },
      },
    },
  ],
  [2, { loc: { $geometry: origin } }],
  [2, { loc: { $maxDistance: 5 } }],
  [2, { loc: { $near: {} } }],
  [2, { loc: { $near: { $geometry: origin, $maxDistance: -1 } } }],
  [2, { loc: { $near: { $geometry: origin }, $maxDistance: 1 } }],
  [16893, { loc: { $near: [0, 0], $minDistance: 'far' } }],
  [16894, { loc: { $near: [0, 0], $minDistance: -1 } }],
  [16895, { loc: { $near: [0, 0], $maxDistance: 'far' } }],
  [16896, { loc: { $near: [0, 0], $maxDistance: -1 } }],
  [34413, { loc: { ...near, $eq: 1 } }],
  [2, { loc: { $near: { $geometry: { coordinates: ['x', 0] } } } }],
  [2, { loc: { $near: { $geometry: 'here' } } }],
  [2, { loc: { $near: { $geometry: 1.5 } } }],
  [2, { loc: { $near: { $geometry: { coordinates: [200, 0] } } } }],
  [2, { $or: [{ loc: near }, { a: 1 }] }],
  [2, { loc: { $not: near } }],
  [2, { a: { $elemMatch: { loc: near } } }],
  [2, { loc: near, place: near }],
  [291, { loc: near }],
])('code %i answers %j', async (code, filter) => {
  await expect(c.find(filter).toArray()).rejects.toMatchObject({ code });
});

test('$near has no place in a pipeline', async () => {
  const run = c.aggregate([{ $match: { loc: near } }]).toArray();
  await expect(run).rejects.toMatchObject({ code: 5626500 });
});
