/** Points of the unit sphere as vectors. Longitudes and latitudes are in degrees, angles in radians. */

export interface Vector {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

const degree = Math.PI / 180;

export function fromLngLat(longitude: number, latitude: number): Vector {
  const theta = longitude * degree;
  const phi = latitude * degree;
  const ring = Math.cos(phi);
  return { x: Math.cos(theta) * ring, y: Math.sin(theta) * ring, z: Math.sin(phi) };
}

export function dot(a: Vector, b: Vector): number {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}

export function cross(a: Vector, b: Vector): Vector {
  return { x: a.y * b.z - a.z * b.y, y: a.z * b.x - a.x * b.z, z: a.x * b.y - a.y * b.x };
}

export function norm(a: Vector): number {
  return Math.sqrt(dot(a, a));
}

export function scaled(a: Vector, factor: number): Vector {
  return { x: a.x * factor, y: a.y * factor, z: a.z * factor };
}

export function sum(a: Vector, b: Vector): Vector {
  return { x: a.x + b.x, y: a.y + b.y, z: a.z + b.z };
}

export function difference(a: Vector, b: Vector): Vector {
  return { x: a.x - b.x, y: a.y - b.y, z: a.z - b.z };
}

export function unit(a: Vector): Vector {
  return scaled(a, 1 / norm(a));
}

/** Exact for small and for large angles, unlike the arc cosine of the dot product. */
export function angleBetween(a: Vector, b: Vector): number {
  return Math.atan2(norm(cross(a, b)), dot(a, b));
}

export function samePoint(a: Vector, b: Vector): boolean {
  return a.x === b.x && a.y === b.y && a.z === b.z;
}

/** Some unit vector at a right angle to `a`, always the same one. */
export function orthogonal(a: Vector): Vector {
  const least = Math.min(Math.abs(a.x), Math.abs(a.y), Math.abs(a.z));
  if (Math.abs(a.x) === least) return unit(cross(a, { x: 1, y: 0, z: 0 }));
  if (Math.abs(a.y) === least) return unit(cross(a, { x: 0, y: 1, z: 0 }));
  return unit(cross(a, { x: 0, y: 0, z: 1 }));
}
