/** What the value of a field says about a place: GeoJSON, or a legacy pair of coordinates. */
import type { RawValue } from '../bson/index.ts';
import { isLngLat, isValue, onSphere, outOfBounds, type Parsed, readPair } from './coordinates.ts';
import type { FlatPoint } from './flat.ts';
import { geoJsonType, readGeoJson } from './geojson.ts';
import { emptyShape, type Shape } from './shape.ts';

export interface StoredGeometry {
  /** Undefined: a legacy pair that is no longitude and latitude. */
  readonly shape: Shape | undefined;
  /** Coordinates on the plane; only of a single point. */
  readonly point: FlatPoint | undefined;
}

export function readStored(value: RawValue): Parsed<StoredGeometry> {
  if (geoJsonType(value) !== undefined) {
    const found = readGeoJson(value, true);
    return isValue(found)
      ? { value: { shape: found.value.shape, point: found.value.point } }
      : found;
  }
  const pair = readPair(value, { exact: false });
  if (!isValue(pair)) return pair;
  const point = pair.value;
  const shape = isLngLat(point) ? { ...emptyShape, points: [onSphere(point)] } : undefined;
  return { value: { shape, point } };
}

/** For an index on the sphere, where a pair out of bounds is no place. */
export function readStoredOnSphere(value: RawValue): Parsed<Shape> {
  const found = readStored(value);
  if (!isValue(found)) return found;
  const { shape, point } = found.value;
  return shape === undefined ? { reason: outOfBounds(point!) } : { value: shape };
}
