/** Arcs of great circles, the shorter way between two points: the edges of lines and polygons. */
import {
  angleBetween,
  cross,
  difference,
  dot,
  norm,
  orthogonal,
  samePoint,
  scaled,
  type Vector,
} from './vector.ts';

/** Points closer than this (about a centimetre on earth) are taken for one, as in MongoDB's leaf cells. */
export const touchAngle = 1.5e-9;

/** Positive when a, b, c turn to the left. From differences, which keep their digits when points are close. */
function determinant(a: Vector, b: Vector, c: Vector): number {
  return dot(cross(difference(b, a), difference(c, a)), a);
}

/** 1 when a, b, c turn to the left, -1 to the right, 0 when two of them are one. */
export function turn(a: Vector, b: Vector, c: Vector): number {
  return Math.sign(determinant(a, b, c));
}

/** What the rounding of coordinates can make of points in a line, for each unit of length. */
const rounding = 4e-16;

/** Like `turn`; 0 also when the coordinates are too coarse to tell. */
function certainTurn(a: Vector, b: Vector, c: Vector): number {
  const found = determinant(a, b, c);
  const least = rounding * (norm(difference(b, a)) + norm(difference(c, a)));
  return Math.abs(found) <= least ? 0 : Math.sign(found);
}

/** Whether ab and cd cross at a point inside both; touching is not crossing. */
export function arcsCross(a: Vector, b: Vector, c: Vector, d: Vector): boolean {
  const side = certainTurn(a, c, b);
  if (side === 0) return false;
  return (
    side === certainTurn(b, d, a) && side === certainTurn(c, b, d) && side === certainTurn(d, a, c)
  );
}

/** Whether b lies on the way round from a to c, counterclockwise about o. */
function isOrdered(a: Vector, b: Vector, c: Vector, o: Vector): boolean {
  let turns = 0;
  if (turn(b, o, a) >= 0) turns++;
  if (turn(c, o, b) >= 0) turns++;
  if (turn(a, o, c) > 0) turns++;
  return turns >= 2;
}

/**
 * Whether ab crosses cd, where arcs that share an end cross or not by a rule under which a path
 * around a loop's vertex crosses the loop as often as it changes sides.
 */
export function crossesOrPasses(a: Vector, b: Vector, c: Vector, d: Vector): boolean {
  if (samePoint(a, b) || samePoint(c, d)) return false;
  if (samePoint(a, d)) return isOrdered(orthogonal(a), c, b, a);
  if (samePoint(b, c)) return isOrdered(orthogonal(b), d, a, b);
  if (samePoint(a, c)) return isOrdered(orthogonal(a), d, b, a);
  if (samePoint(b, d)) return isOrdered(orthogonal(b), c, a, b);
  const side = turn(a, c, b);
  return side === turn(b, d, a) && side === turn(c, b, d) && side === turn(d, a, c);
}

/** Whether the interior of a loop at its vertex `at` is on the side of the fixed direction there. */
export function isInsideAtVertex(before: Vector, at: Vector, after: Vector): boolean {
  return isOrdered(orthogonal(at), before, after, at);
}

/** The angle from a point to the nearest point of an arc. */
export function angleToArc(p: Vector, a: Vector, b: Vector): number {
  const ends = Math.min(angleBetween(p, a), angleBetween(p, b));
  const normal = cross(a, b);
  const length = norm(normal);
  if (length === 0) return ends;
  // The nearest point of the great circle counts when it lies between the ends.
  const across = cross(normal, p);
  const isBetween = dot(across, a) < 0 && dot(across, b) > 0;
  if (!isBetween) return ends;
  return Math.min(
    ends,
    Math.abs(Math.asin(Math.max(-1, Math.min(1, dot(p, scaled(normal, 1 / length)))))),
  );
}
