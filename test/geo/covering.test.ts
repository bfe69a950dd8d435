/** The numbers of an index find every place that a shape touches: compared with geometry, for random shapes. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cellAt, cellNumber, cellsAround, rangeOf } from '../../src/geo/cell.ts';
import { queryRanges, storedCellNumbers } from '../../src/geo/covering.ts';
import { gridNumber, gridRanges } from '../../src/geo/grid.ts';
import { Loop } from '../../src/geo/loop.ts';
import { emptyShape, intersects, type Shape } from '../../src/geo/shape.ts';
import { fromLngLat } from '../../src/geo/vector.ts';

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const position = fc.tuple(number(-180, 180), number(-90, 90));

const point = position.map(([x, y]): Shape => ({ ...emptyShape, points: [fromLngLat(x, y)] }));
const cap = fc
  .tuple(position, number(0.001, 0.5))
  .map(
    ([[x, y], radius]): Shape => ({ ...emptyShape, caps: [{ center: fromLngLat(x, y), radius }] }),
  );
const line = fc
  .tuple(position, number(-20, 20), number(-20, 20))
  .filter(([[x, y], dx, dy]) => Math.abs(x + dx) < 180 && Math.abs(y + dy) < 89 && dx * dy !== 0)
  .map(
    ([[x, y], dx, dy]): Shape => ({
      ...emptyShape,
      lines: [[fromLngLat(x, y), fromLngLat(x + dx, y + dy)]],
    }),
  );
const triangle = fc.tuple(number(-170, 150), number(-80, 70), number(0.01, 9)).map(
  ([x, y, size]): Shape => ({
    ...emptyShape,
    polygons: [
      {
        loops: [Loop.smaller([fromLngLat(x, y), fromLngLat(x + size, y), fromLngLat(x, y + size)])],
      },
    ],
  }),
);

test('a shape that touches another has a number in its ranges', () => {
  let touching = 0;
  fc.assert(
    fc.property(fc.oneof(point, line, triangle), fc.oneof(cap, triangle), (stored, query) => {
      if (!intersects(query, stored)) return;
      touching++;
      const ranges = queryRanges(query);
      const numbers = storedCellNumbers(stored);
      expect(numbers.some((one) => ranges.some(({ low, high }) => one >= low && one <= high))).toBe(
        true,
      );
    }),
    { numRuns: 3000, seed: 7 },
  );
  expect(touching).toBeGreaterThan(20);
});

test('the numbers within a cell are its range, and those around it are not', () => {
  fc.assert(
    fc.property(position, fc.integer({ min: 0, max: 23 }), ([x, y], level) => {
      const at = fromLngLat(x, y);
      const cell = cellAt(at, level);
      const { low, high } = rangeOf(cell);
      const leaf = cellNumber(cellAt(at));
      expect(leaf).toBeGreaterThanOrEqual(low);
      expect(leaf).toBeLessThanOrEqual(high);
      for (const outer of cellsAround(cell).map(cellNumber)) {
        expect(outer < low || outer > high).toBe(true);
      }
    }),
  );
});

test('a point in a box has its number in the ranges of the box', () => {
  const grid = { bits: 26, min: -180, max: 180 };
  const coordinate = number(-180, 180);
  fc.assert(
    fc.property(coordinate, coordinate, number(0, 50), number(0, 1), (x, y, size, share) => {
      const ranges = gridRanges(grid, { low: { x, y }, high: { x: x + size, y: y + size } });
      const inside = { x: Math.min(180, x + size * share), y: Math.min(180, y + size * share) };
      const found = gridNumber(grid, inside)!;
      expect(ranges.some(({ low, high }) => found >= low && found <= high)).toBe(true);
      expect(ranges.length).toBeLessThanOrEqual(32);
    }),
  );
});
