/** Regions of the plane: `$box`, `$center` and `$polygon`, whose boundary belongs to them. */

export interface FlatPoint {
  readonly x: number;
  readonly y: number;
}

export interface FlatBox {
  readonly low: FlatPoint;
  readonly high: FlatPoint;
}

export interface FlatRegion {
  /** A box around it; not finite for a circle that holds everything. */
  readonly bounds: FlatBox;
  contains(point: FlatPoint): boolean;
}

function isInBox({ low, high }: FlatBox, { x, y }: FlatPoint): boolean {
  return x >= low.x && x <= high.x && y >= low.y && y <= high.y;
}

/** Between two corners, whichever they are. */
export function box(a: FlatPoint, b: FlatPoint): FlatRegion {
  const bounds = boundsOf([a, b]);
  return { bounds, contains: (point) => isInBox(bounds, point) };
}

/** Circles of decimal radius shall have the points they seem to have on their edge. */
const fudge = 1e-12;

export function circle(center: FlatPoint, radius: number): FlatRegion {
  const bounds = {
    low: { x: center.x - radius, y: center.y - radius },
    high: { x: center.x + radius, y: center.y + radius },
  };
  return { bounds, contains: (point) => distance(center, point) <= radius * (1 + fudge) };
}

/**
 * By the rule of even and odd crossings of a ray to the right. Corners, and edges along an axis, are
 * inside; of a slanting edge the rule decides, as in MongoDB.
 */
export function polygon(corners: readonly FlatPoint[]): FlatRegion {
  const bounds = boundsOf(corners);
  const contains = (point: FlatPoint): boolean => {
    if (!isInBox(bounds, point)) return false;
    const { x, y } = point;
    let isInside = false;
    for (let at = 0; at < corners.length; at++) {
      const a = corners[at]!;
      const b = corners[(at + 1) % corners.length]!;
      if ((a.x === x && a.y === y) || isOnAxis(point, a, b)) return true;
      if (y <= Math.min(a.y, b.y) || y > Math.max(a.y, b.y)) continue;
      if (x <= ((b.x - a.x) * (y - a.y)) / (b.y - a.y) + a.x) isInside = !isInside;
    }
    return isInside;
  };
  return { bounds, contains };
}

export function distance(a: FlatPoint, b: FlatPoint): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

/** On an edge that runs along an axis. */
function isOnAxis(point: FlatPoint, a: FlatPoint, b: FlatPoint): boolean {
  return (a.x === b.x || a.y === b.y) && isInBox(boundsOf([a, b]), point);
}

function boundsOf(points: readonly FlatPoint[]): FlatBox {
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y);
  return {
    low: { x: Math.min(...xs), y: Math.min(...ys) },
    high: { x: Math.max(...xs), y: Math.max(...ys) },
  };
}
