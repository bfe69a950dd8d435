/** What `$near` and `$nearSphere` ask for: the distance from a point to stored places. */
import { distance, type FlatPoint } from './flat.ts';
import { angleTo } from './shape.ts';
import type { StoredGeometry } from './stored.ts';
import type { Vector } from './vector.ts';

/** MongoDB's radius of the earth, in metres. */
export const earthRadius = 6_378_100;

export interface Nearness {
  /** On the sphere distances are angles, in the plane lengths. */
  readonly center:
    | { readonly kind: 'sphere'; readonly at: Vector; readonly lngLat: FlatPoint }
    | { readonly kind: 'flat'; readonly at: FlatPoint };
  /** A unit of distances in the client's: from a GeoJSON point an angle is so many metres. */
  readonly scale: number;
  readonly min: number;
  readonly max: number;
}

/** Undefined: the place is not on the surface the distance is measured on. */
export function distanceTo(
  { center }: Nearness,
  { shape, point }: StoredGeometry,
): number | undefined {
  if (center.kind === 'flat') return point && distance(center.at, point);
  return shape && angleTo(shape, center.at);
}
