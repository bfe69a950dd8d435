/** The plane cut into squares, for `2d` indexes: a point is the number of the smallest one it is in. */
import { interleaved } from './cell.ts';
import { joined, type NumberRange } from './covering.ts';
import type { FlatBox, FlatPoint } from './flat.ts';

export interface Grid {
  /** Bits of each coordinate. */
  readonly bits: number;
  /** Inclusive, exclusive. */
  readonly min: number;
  readonly max: number;
}

/** A query reads at most so many ranges. */
const queryRangesMax = 32;
/** With more the number of a square is more than a double can tell apart. */
const bitsMax = 26;

/** Undefined: the point is not on the grid. */
export function gridNumber(grid: Grid, { x, y }: FlatPoint): number | undefined {
  const { min, max } = grid;
  if (!(x >= min && x < max && y >= min && y < max)) {
    // The upper edge belongs to the last squares, so that the whole earth is there.
    if (!(x >= min && x <= max && y >= min && y <= max)) return undefined;
  }
  const bits = Math.min(grid.bits, bitsMax);
  return interleaved(columnOf(x, grid, bits), columnOf(y, grid, bits), bits);
}

function columnOf(x: number, { min, max }: Grid, bits: number): number {
  return Math.max(0, Math.min(2 ** bits - 1, Math.floor(((x - min) / (max - min)) * 2 ** bits)));
}

/** The numbers of squares that a box reaches into. */
export function gridRanges(grid: Grid, { low, high }: FlatBox): NumberRange[] {
  const bits = Math.min(grid.bits, bitsMax);
  const from = { i: columnOf(low.x, grid, bits), j: columnOf(low.y, grid, bits) };
  const to = { i: columnOf(high.x, grid, bits), j: columnOf(high.y, grid, bits) };
  type Square = { readonly level: number; readonly i: number; readonly j: number };
  const overlap = ({ level, i, j }: Square): 'none' | 'part' | 'all' => {
    const size = 2 ** (bits - level);
    const [left, bottom] = [i * size, j * size];
    const [right, top] = [left + size - 1, bottom + size - 1];
    if (left > to.i || right < from.i || bottom > to.j || top < from.j) return 'none';
    const isInside = left >= from.i && right <= to.i && bottom >= from.j && top <= to.j;
    return isInside ? 'all' : 'part';
  };
  const whole: Square[] = [];
  let parts: Square[] = [{ level: 0, i: 0, j: 0 }];
  while (parts.length > 0 && parts[0]!.level < bits) {
    const next: Square[] = [];
    const inside: Square[] = [];
    for (const { level, i, j } of parts) {
      for (const [di, dj] of [
        [0, 0],
        [1, 0],
        [0, 1],
        [1, 1],
      ] as const) {
        const piece = { level: level + 1, i: 2 * i + di, j: 2 * j + dj };
        const found = overlap(piece);
        if (found === 'all') inside.push(piece);
        else if (found === 'part') next.push(piece);
      }
    }
    if (whole.length + inside.length + next.length > queryRangesMax) break;
    whole.push(...inside);
    parts = next;
  }
  return joined(
    [...whole, ...parts].map(({ level, i, j }) => {
      const size = 4 ** (bits - level);
      const first = interleaved(i, j, level) * size;
      return { low: first, high: first + size - 1 };
    }),
  );
}
