/**
 * The sphere cut into cells: six faces of a cube around it, each cut into four again and again. A cell
 * has a number; the numbers of all cells within it lie next to each other around its own, so that what
 * is in a cell is a range of an index, and what it is in are a few more numbers.
 */
import { angleBetween, unit, type Vector } from './vector.ts';

/** Cells of this level are half a metre wide. Deeper ones had numbers a double can not tell apart. */
export const leafLevel = 24;

export interface Cell {
  readonly face: number;
  readonly level: number;
  /** Column and row on the face, from 0 to 2^level - 1. */
  readonly i: number;
  readonly j: number;
}

export const faces: readonly Cell[] = Array.from({ length: 6 }, (_, face) => ({
  face,
  level: 0,
  i: 0,
  j: 0,
}));

/** The cell of a level that a point is in. */
export function cellAt(point: Vector, level = leafLevel): Cell {
  const { face, u, v } = projected(point);
  return { face, level, i: column(u, level), j: column(v, level) };
}

function projected({ x, y, z }: Vector): { face: number; u: number; v: number } {
  const ax = Math.abs(x);
  const ay = Math.abs(y);
  const az = Math.abs(z);
  if (ax >= ay && ax >= az) return { face: x >= 0 ? 0 : 3, u: y / ax, v: z / ax };
  if (ay >= az) return { face: y >= 0 ? 1 : 4, u: x / ay, v: z / ay };
  return { face: z >= 0 ? 2 : 5, u: x / az, v: y / az };
}

/** Of equal angles, not of equal lengths: so cells are of about one size. */
function column(u: number, level: number): number {
  const share = (Math.atan(u) * 4) / Math.PI / 2 + 0.5;
  return Math.max(0, Math.min(2 ** level - 1, Math.floor(share * 2 ** level)));
}

function corner(face: number, level: number, i: number, j: number): Vector {
  const u = Math.tan((Math.PI / 4) * ((2 * i) / 2 ** level - 1));
  const v = Math.tan((Math.PI / 4) * ((2 * j) / 2 ** level - 1));
  const sign = face < 3 ? 1 : -1;
  if (face % 3 === 0) return unit({ x: sign, y: u, z: v });
  if (face % 3 === 1) return unit({ x: u, y: sign, z: v });
  return unit({ x: u, y: v, z: sign });
}

/** A circle around a cell. */
export function capOf({ face, level, i, j }: Cell): { center: Vector; radius: number } {
  const center = corner(face, level, i + 0.5, j + 0.5);
  let radius = 0;
  for (const [di, dj] of [
    [0, 0],
    [1, 0],
    [0, 1],
    [1, 1],
  ] as const) {
    radius = Math.max(radius, angleBetween(center, corner(face, level, i + di, j + dj)));
  }
  return { center, radius };
}

export function quarters({ face, level, i, j }: Cell): Cell[] {
  const next = level + 1;
  return [
    { face, level: next, i: 2 * i, j: 2 * j },
    { face, level: next, i: 2 * i + 1, j: 2 * j },
    { face, level: next, i: 2 * i, j: 2 * j + 1 },
    { face, level: next, i: 2 * i + 1, j: 2 * j + 1 },
  ];
}

/** Of all cells of all levels, at most 2^52. */
export function cellNumber({ face, level, i, j }: Cell): number {
  return ((face * 4 ** level + interleaved(i, j, level)) * 2 + 1) * 4 ** (leafLevel - level);
}

/** The numbers of a cell and everything within it. */
export function rangeOf(cell: Cell): { readonly low: number; readonly high: number } {
  const number = cellNumber(cell);
  const reach = 4 ** (leafLevel - cell.level) - 1;
  return { low: number - reach, high: number + reach };
}

/** The cells a cell is in, the largest first. */
export function cellsAround({ face, level, i, j }: Cell): Cell[] {
  return Array.from({ length: level }, (_, outer) => {
    const size = 2 ** (level - outer);
    return { face, level: outer, i: Math.floor(i / size), j: Math.floor(j / size) };
  });
}

/** Bits of both in turn: places that are near are often near in one number too. */
export function interleaved(i: number, j: number, bits: number): number {
  let number = 0;
  for (let bit = bits - 1; bit >= 0; bit--) {
    const size = 2 ** bit;
    number = number * 4 + (Math.floor(j / size) % 2) * 2 + (Math.floor(i / size) % 2);
  }
  return number;
}
