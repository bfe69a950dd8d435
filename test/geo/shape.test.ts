/** What lies in what on the sphere. Expected values follow from symmetry, not from the code. */
import { describe, expect, test } from 'vitest';
import { encodeDocument, findField } from '../../src/bson/index.ts';
import {
  angleTo,
  contains,
  intersects,
  isValue,
  readGeoJson,
  type Shape,
} from '../../src/geo/index.ts';
import { fromLngLat } from '../../src/geo/vector.ts';

type Position = readonly [number, number];

function shape(type: string, coordinates: unknown, crs?: string): Shape {
  const properties = { name: crs };
  const geometry = { type, coordinates, ...(crs ? { crs: { type: 'name', properties } } : {}) };
  const found = readGeoJson(findField(encodeDocument({ geometry }), 0, 'geometry')!, false);
  if (!isValue(found)) throw new Error(found.reason);
  return found.value.shape;
}

const point = (...at: Position): Shape => shape('Point', at);
const line = (...at: Position[]): Shape => shape('LineString', at);
const polygon = (...rings: Position[][]): Shape =>
  shape(
    'Polygon',
    rings.map((ring) => [...ring, ring[0]]),
  );

const square: Position[] = [
  [0, 0],
  [10, 0],
  [10, 10],
  [0, 10],
];
const hole: Position[] = [
  [4, 4],
  [6, 4],
  [6, 6],
  [4, 6],
];

describe.each([
  ['counterclockwise', square],
  ['clockwise', [...square].reverse()],
])('a square whose corners run %s', (_way, corners) => {
  const area = polygon(corners);

  test.each<[boolean, Position]>([
    [true, [5, 5]],
    [true, [0, 0]],
    [true, [5, 0]],
    [true, [10, 5]],
    // The upper edge is an arc that bends to the pole.
    [true, [5, 10.01]],
    [false, [5, 10.1]],
    [false, [5, -0.001]],
    [false, [-5, 5]],
    [false, [-175, -5]],
  ])('contains: %s, the point %j', (expected, at) => {
    expect(contains(area, point(...at))).toBe(expected);
    expect(intersects(area, point(...at))).toBe(expected);
  });

  test.each<[boolean, boolean, string, Shape]>([
    [true, true, 'itself', polygon(square)],
    [true, true, 'a line inside', line([1, 1], [9, 9])],
    [true, true, 'a line along an edge', line([2, 0], [8, 0])],
    [false, true, 'a line that leaves it', line([5, 5], [15, 5])],
    [false, true, 'a line through it, with both ends outside', line([-5, 5], [15, 5])],
    [false, false, 'a line beside it', line([20, 0], [30, 0])],
    [true, true, 'a smaller polygon', polygon(hole)],
    [
      false,
      true,
      'a polygon around it',
      polygon([
        [-5, -5],
        [15, -5],
        [15, 15],
        [-5, 15],
      ]),
    ],
    [
      false,
      true,
      'a polygon across a corner',
      polygon([
        [5, 5],
        [15, 5],
        [15, 15],
        [5, 15],
      ]),
    ],
    [
      false,
      false,
      'a polygon that shares an edge',
      polygon([
        [10, 0],
        [20, 0],
        [20, 10],
        [10, 10],
      ]),
    ],
    [
      false,
      false,
      'a polygon elsewhere',
      polygon([
        [20, 0],
        [30, 0],
        [30, 10],
      ]),
    ],
  ])('contains: %s, and intersects: %s, %s', (isInside, isTouched, _what, other) => {
    expect(contains(area, other)).toBe(isInside);
    expect(intersects(area, other)).toBe(isTouched);
    expect(intersects(other, area)).toBe(isTouched);
  });
});

describe('a polygon with a hole', () => {
  const ring = polygon(square, hole);

  test.each<[boolean, string, Shape]>([
    [true, 'a point beside the hole', point(2, 2)],
    [false, 'a point in the hole', point(5, 5)],
    [true, 'a point on the edge of the hole', point(4, 5)],
    [false, 'a line across the hole', line([1, 5], [9, 5])],
    [
      false,
      'a polygon around the hole',
      polygon([
        [3, 3],
        [7, 3],
        [7, 7],
        [3, 7],
      ]),
    ],
    [true, 'the polygon itself', polygon(square, hole)],
  ])('contains: %s, %s', (expected, _what, other) => {
    expect(contains(ring, other)).toBe(expected);
  });
});

test('the way round of a big polygon says which side is meant', () => {
  const big = 'urn:x-mongodb:crs:strictwinding:EPSG:4326';
  const closed = [...square, square[0]];
  expect(contains(shape('Polygon', [closed], big), point(5, 5))).toBe(true);
  const outside = shape('Polygon', [closed.toReversed()], big);
  expect(contains(outside, point(5, 5))).toBe(false);
  expect(contains(outside, point(-90, 45))).toBe(true);
});

test('polygons reach over the antimeridian and the poles', () => {
  const dateline = polygon([
    [170, -10],
    [-170, -10],
    [-170, 10],
    [170, 10],
  ]);
  expect(contains(dateline, point(180, 0))).toBe(true);
  expect(contains(dateline, point(-175, 5))).toBe(true);
  expect(contains(dateline, point(0, 0))).toBe(false);
  const pole = polygon([
    [0, 80],
    [120, 80],
    [-120, 80],
  ]);
  expect(contains(pole, point(77, 89))).toBe(true);
  expect(contains(pole, point(77, -89))).toBe(false);
});

test('distances are angles to the nearest point', () => {
  const quarter = Math.PI / 2;
  expect(angleTo(point(0, 0), fromLngLat(90, 0))).toBeCloseTo(quarter, 12);
  expect(angleTo(line([0, 0], [90, 0]), fromLngLat(45, 30))).toBeCloseTo(quarter / 3, 12);
  expect(angleTo(line([0, 0], [90, 0]), fromLngLat(120, 0))).toBeCloseTo(quarter / 3, 12);
  expect(angleTo(polygon(square), fromLngLat(5, 5))).toBe(0);
  expect(angleTo(polygon(square), fromLngLat(5, -9))).toBeCloseTo(quarter / 10, 12);
});

const ring = (...corners: number[][]) => ({ type: 'Polygon', coordinates: [corners] });

test.each<[string, unknown]>([
  ['another type', { type: 'Circle', coordinates: [0, 0] }],
  ['a type in lower case', { type: 'point', coordinates: [0, 0] }],
  ['no coordinates', { type: 'Point' }],
  ['one coordinate', { type: 'Point', coordinates: [0] }],
  ['a text for a coordinate', { type: 'Point', coordinates: ['0', 0] }],
  ['a longitude beyond 180', { type: 'Point', coordinates: [180.1, 0] }],
  ['a latitude beyond 90', { type: 'Point', coordinates: [0, -90.1] }],
  ['NaN', { type: 'Point', coordinates: [Number.NaN, 0] }],
  ['a line of one point', { type: 'LineString', coordinates: [[0, 0]] }],
  [
    'a line from a point to itself',
    {
      type: 'LineString',
      coordinates: [
        [0, 0],
        [0, 0],
      ],
    },
  ],
  ['no loops', { type: 'Polygon', coordinates: [] }],
  ['a loop that is not closed', ring([0, 0], [1, 0], [1, 1], [0, 1])],
  ['a loop of two corners', ring([0, 0], [1, 0], [0, 0])],
  [
    'a loop that visits a corner twice',
    ring([0, 0], [2, 0], [1, 1], [2, 2], [0, 2], [1, 1], [0, 0]),
  ],
  [
    'a hole along an edge',
    {
      type: 'Polygon',
      coordinates: [
        [
          [0, 0],
          [5, 0],
          [5, 5],
          [0, 5],
          [0, 0],
        ],
        [
          [0, 0],
          [0, 2],
          [2, 2],
          [2, 0],
          [0, 0],
        ],
      ],
    },
  ],
  ['a loop that crosses itself', ring([0, 0], [2, 2], [2, 0], [0, 2], [0, 0])],
  ['an empty list of points', { type: 'MultiPoint', coordinates: [] }],
  ['an empty collection', { type: 'GeometryCollection', geometries: [] }],
  [
    'a reference system nobody knows',
    { type: 'Point', coordinates: [0, 0], crs: { type: 'name', properties: { name: 'flat' } } },
  ],
])('%s is no geometry', (_what, geometry) => {
  const value = findField(encodeDocument({ geometry }), 0, 'geometry')!;
  expect(readGeoJson(value, false)).toHaveProperty('reason');
});
