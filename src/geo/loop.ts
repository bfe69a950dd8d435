/** Closed chains of arcs on the sphere. What lies to the left of a loop is inside. */
import {
  angleToArc,
  arcsCross,
  crossesOrPasses,
  isInsideAtVertex,
  touchAngle,
  turn,
} from './arc.ts';
import { angleBetween, cross, norm, samePoint, type Vector } from './vector.ts';

/** No vertex of a loop from a document lies here, and no arc from here to one runs along another. */
const origin: Vector = { x: -0.00999946643502502, y: 0.002592454260932412, z: 0.999946643502502 };

export class Loop {
  /** Without a repetition of the first at the end. */
  readonly vertices: readonly Vector[];
  readonly #originIsInside: boolean;

  constructor(vertices: readonly Vector[]) {
    this.vertices = vertices;
    const [v0, v1, v2] = vertices as [Vector, Vector, Vector];
    this.#originIsInside = isInsideAtVertex(v0, v1, v2) !== this.#crossings(v1, false);
  }

  /** Of the two sides of the chain the smaller one, whichever way it runs. */
  static smaller(vertices: readonly Vector[]): Loop {
    // A hemisphere is as good as the other one: then the way round decides.
    return turning(vertices) < -1e-10 ? new Loop(vertices.toReversed()) : new Loop(vertices);
  }

  arc(at: number): [Vector, Vector] {
    return [this.vertices[at]!, this.vertices[(at + 1) % this.vertices.length]!];
  }

  /** The boundary belongs to it or not, so that loops side by side share no point. */
  contains(p: Vector): boolean {
    return this.#crossings(p, this.#originIsInside);
  }

  #crossings(p: Vector, originIsInside: boolean): boolean {
    let isInside = originIsInside;
    for (let at = 0; at < this.vertices.length; at++) {
      const [c, d] = this.arc(at);
      if (crossesOrPasses(origin, p, c, d)) isInside = !isInside;
    }
    return isInside;
  }

  /** The angle from a point to the nearest point of the boundary. */
  angleTo(p: Vector): number {
    let least = Number.POSITIVE_INFINITY;
    for (let at = 0; at < this.vertices.length; at++) {
      least = Math.min(least, angleToArc(p, ...this.arc(at)));
    }
    return least;
  }

  touches(p: Vector): boolean {
    return this.angleTo(p) <= touchAngle;
  }

  /** Whether an arc crosses the boundary at a point that is no end of either. */
  isCrossedBy(a: Vector, b: Vector): boolean {
    for (let at = 0; at < this.vertices.length; at++) {
      const [c, d] = this.arc(at);
      const isShared = [a, b].some((end) => samePoint(end, c) || samePoint(end, d));
      if (!isShared && arcsCross(a, b, c, d)) return true;
    }
    return false;
  }

  /** The positions of two arcs that cross each other. */
  selfCrossing(): [number, number] | undefined {
    const count = this.vertices.length;
    for (let at = 0; at < count; at++) {
      const [a, b] = this.arc(at);
      for (let other = at + 2; other < count; other++) {
        if ((other + 1) % count === at) continue;
        const [c, d] = this.arc(other);
        if (arcsCross(a, b, c, d)) return [at, other];
      }
    }
    return undefined;
  }
}

/** How far a chain turns to the left in one round; negative when what it keeps left is the larger side. */
function turning(vertices: readonly Vector[]): number {
  const count = vertices.length;
  let total = 0;
  for (let at = 0; at < count; at++) {
    const a = vertices[(at + count - 1) % count]!;
    const b = vertices[at]!;
    const c = vertices[(at + 1) % count]!;
    const before = cross(a, b);
    const after = cross(b, c);
    if (norm(before) === 0 || norm(after) === 0) continue;
    total += angleBetween(before, after) * turn(a, b, c);
  }
  return total;
}
