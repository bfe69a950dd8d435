/** Shapes on the sphere: what GeoJSON can say, and the circle. */
import { angleToArc, arcsCross, touchAngle } from './arc.ts';
import type { Loop } from './loop.ts';
import { angleBetween, sum, unit, type Vector } from './vector.ts';

/** Inside the first loop and outside of the others. */
export interface Polygon {
  readonly loops: readonly Loop[];
}

export interface Cap {
  readonly center: Vector;
  /** Radians. */
  readonly radius: number;
}

/** A union of simple shapes. */
export interface Shape {
  readonly points: readonly Vector[];
  readonly lines: readonly (readonly Vector[])[];
  readonly polygons: readonly Polygon[];
  /** Only of queries. */
  readonly caps?: readonly Cap[];
}

export const emptyShape: Shape = { points: [], lines: [], polygons: [] };

function polygonHas({ loops: [shell, ...holes] }: Polygon, p: Vector): boolean {
  if (shell!.touches(p) || holes.some((hole) => hole.touches(p))) return true;
  return shell!.contains(p) && !holes.some((hole) => hole.contains(p));
}

/** The angle from a point to the nearest point of a shape; 0 inside. */
export function angleTo(shape: Shape, p: Vector): number {
  let least = Number.POSITIVE_INFINITY;
  for (const point of shape.points) least = Math.min(least, angleBetween(p, point));
  for (const line of shape.lines) {
    for (const [a, b] of arcsOf(line)) least = Math.min(least, angleToArc(p, a, b));
  }
  for (const polygon of shape.polygons) {
    if (polygonHas(polygon, p)) return 0;
    for (const loop of polygon.loops) least = Math.min(least, loop.angleTo(p));
  }
  for (const { center, radius } of shape.caps ?? []) {
    least = Math.min(least, Math.max(0, angleBetween(p, center) - radius));
  }
  return least;
}

function* arcsOf(line: readonly Vector[]): Generator<[Vector, Vector]> {
  for (let at = 1; at < line.length; at++) yield [line[at - 1]!, line[at]!];
}

function* arcsOfShape({ lines, polygons }: Shape): Generator<[Vector, Vector]> {
  for (const line of lines) yield* arcsOf(line);
  for (const { loops } of polygons) {
    for (const loop of loops) {
      for (let at = 0; at < loop.vertices.length; at++) yield loop.arc(at);
    }
  }
}

/** Every point, and one point at least of every line and loop. */
function* cornersOf({ points, lines, polygons }: Shape): Generator<Vector> {
  yield* points;
  for (const line of lines) yield* line;
  for (const { loops } of polygons) for (const { vertices } of loops) yield* vertices;
}

/** Whether they have a point in common; of two polygons, a point inside both. */
export function intersects(a: Shape, b: Shape): boolean {
  const [areas, otherAreas] = [a.polygons, b.polygons];
  if (areas.some((one) => otherAreas.some((other) => overlap(one, other)))) return true;
  if (areas.length === 0 || otherAreas.length === 0) return touches(a, b);
  const [rest, otherRest] = [withoutAreas(a), withoutAreas(b)];
  return touches(rest, b) || touches(withoutRest(a), otherRest);
}

function withoutAreas(shape: Shape): Shape {
  return { ...shape, polygons: [] };
}

function withoutRest({ polygons }: Shape): Shape {
  return { ...emptyShape, polygons };
}

/** Polygons side by side have their common edge, but no area. */
function overlap(a: Polygon, b: Polygon): boolean {
  const areas = [a, b].map((polygon): Shape => ({ ...emptyShape, polygons: [polygon] }));
  const [first, second] = areas as [Shape, Shape];
  for (const [p, q] of arcsOfShape(first)) {
    for (const [r, s] of arcsOfShape(second)) if (arcsCross(p, q, r, s)) return true;
  }
  return hasInside(a, second) || hasInside(b, first);
}

/** Whether a corner, the middle of an edge, or a point inside of the other lies well inside. */
function hasInside(polygon: Polygon, other: Shape): boolean {
  for (const corner of cornersOf(other)) if (isWellInside(polygon, corner)) return true;
  for (const [a, b] of arcsOfShape(other)) if (isWellInside(polygon, unit(sum(a, b)))) return true;
  return other.polygons.some((one) => {
    const inner = pointInside(one);
    return inner !== undefined && isWellInside(polygon, inner);
  });
}

/** The middle of three corners that follow each other, where it is inside. */
function pointInside(polygon: Polygon): Vector | undefined {
  const { vertices } = polygon.loops[0]!;
  for (let at = 0; at < vertices.length; at++) {
    const after = vertices[(at + 1) % vertices.length]!;
    const last = vertices[(at + 2) % vertices.length]!;
    const middle = unit(sum(sum(vertices[at]!, after), last));
    if (isWellInside(polygon, middle)) return middle;
  }
  return undefined;
}

function touches(a: Shape, b: Shape): boolean {
  for (const corner of cornersOf(b)) if (angleTo(a, corner) <= touchAngle) return true;
  for (const corner of cornersOf(a)) if (angleTo(b, corner) <= touchAngle) return true;
  for (const [p, q] of arcsOfShape(a)) {
    for (const [r, s] of arcsOfShape(b)) if (arcsCross(p, q, r, s)) return true;
  }
  return false;
}

/** Whether all of `inner` lies within one of the polygons or circles of `outer`. */
export function contains(outer: Shape, inner: Shape): boolean {
  const parts: Shape[] = [
    ...inner.points.map((point) => ({ ...emptyShape, points: [point] })),
    ...inner.lines.map((line) => ({ ...emptyShape, lines: [line] })),
    ...inner.polygons.map((polygon) => ({ ...emptyShape, polygons: [polygon] })),
  ];
  return parts.every(
    (part) =>
      outer.polygons.some((polygon) => polygonContains(polygon, part)) ||
      (outer.caps ?? []).some((cap) => capContains(cap, part)),
  );
}

function polygonContains(polygon: Polygon, part: Shape): boolean {
  for (const corner of cornersOf(part)) if (!polygonHas(polygon, corner)) return false;
  for (const [a, b] of arcsOfShape(part)) {
    if (!polygonHas(polygon, unit(sum(a, b)))) return false;
    if (polygon.loops.some((loop) => loop.isCrossedBy(a, b))) return false;
  }
  // A hole that no arc of the part crosses lies outside of it, or swallows a piece of it.
  const [, ...holes] = polygon.loops;
  return part.polygons.every(
    (inner) =>
      !holes.some(({ vertices }) => vertices.every((vertex) => isWellInside(inner, vertex))),
  );
}

function isWellInside({ loops: [shell, ...holes] }: Polygon, p: Vector): boolean {
  if (shell!.touches(p) || !shell!.contains(p)) return false;
  return !holes.some((hole) => hole.touches(p) || hole.contains(p));
}

function capContains({ center, radius }: Cap, part: Shape): boolean {
  for (const corner of cornersOf(part)) {
    if (angleBetween(center, corner) > radius + touchAngle) return false;
  }
  return true;
}
