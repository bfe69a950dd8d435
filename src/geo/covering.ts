/** A shape as a few cells that together hold all of it. */
import { touchAngle } from './arc.ts';
import {
  type Cell,
  capOf,
  cellAt,
  cellNumber,
  cellsAround,
  faces,
  leafLevel,
  quarters,
  rangeOf,
} from './cell.ts';
import { angleTo, type Shape } from './shape.ts';

/** A stored line or polygon has at most so many entries in an index. */
const storedCells = 12;
/** A query reads at most so many ranges. */
const queryCells = 20;

/** The numbers under which a shape stands in an index. */
export function storedCellNumbers(shape: Shape): number[] {
  const { points, ...rest } = shape;
  const numbers = points.map((point) => cellNumber(cellAt(point)));
  if (rest.lines.length + rest.polygons.length > 0) {
    numbers.push(...covering({ ...rest, points: [] }, storedCells).map(cellNumber));
  }
  return [...new Set(numbers)].sort((a, b) => a - b);
}

export interface NumberRange {
  readonly low: number;
  readonly high: number;
}

/**
 * The numbers of cells that may hold something of what has a point in common with a shape: those within
 * its covering, and the larger ones around.
 */
export function queryRanges(shape: Shape): NumberRange[] {
  const ranges: NumberRange[] = [];
  for (const cell of covering(shape, queryCells)) {
    ranges.push(rangeOf(cell));
    for (const outer of cellsAround(cell)) {
      const number = cellNumber(outer);
      ranges.push({ low: number, high: number });
    }
  }
  return joined(ranges);
}

/** Ascending, and none touches another. */
export function joined(ranges: readonly NumberRange[]): NumberRange[] {
  const sorted = [...ranges].sort((a, b) => a.low - b.low);
  const result: { low: number; high: number }[] = [];
  for (const { low, high } of sorted) {
    const last = result.at(-1);
    if (last !== undefined && low <= last.high + 1) last.high = Math.max(last.high, high);
    else result.push({ low, high });
  }
  return result;
}

/** The largest cell is cut as long as there is room for its pieces. */
function covering(shape: Shape, cellsMax: number): Cell[] {
  const mayHold = (cell: Cell): boolean => {
    const { center, radius } = capOf(cell);
    return angleTo(shape, center) <= radius + 2 * touchAngle;
  };
  let cells = faces.filter(mayHold);
  for (;;) {
    const next = cells.reduce<Cell | undefined>(
      (found, cell) => (cell.level < (found?.level ?? leafLevel) ? cell : found),
      undefined,
    );
    if (next === undefined) return cells;
    const pieces = quarters(next).filter(mayHold);
    if (cells.length - 1 + pieces.length > cellsMax) return cells;
    cells = [...cells.filter((cell) => cell !== next), ...pieces];
  }
}
