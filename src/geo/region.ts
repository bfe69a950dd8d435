/** What `$geoWithin` and `$geoIntersects` ask for: a region, and whether a stored place belongs to it. */
import type { FlatRegion } from './flat.ts';
import { contains, intersects, type Shape } from './shape.ts';
import type { StoredGeometry } from './stored.ts';

export type GeoRegion =
  | { readonly kind: 'flat'; readonly region: FlatRegion }
  | { readonly kind: 'within' | 'intersects'; readonly shape: Shape };

/** In the plane there are only points; on the sphere no pairs that are no longitude and latitude. */
export function isInRegion(region: GeoRegion, { shape, point }: StoredGeometry): boolean {
  if (region.kind === 'flat') return point !== undefined && region.region.contains(point);
  if (shape === undefined) return false;
  return region.kind === 'within' ? contains(region.shape, shape) : intersects(region.shape, shape);
}
