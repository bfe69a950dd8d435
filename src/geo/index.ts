/** The geo room: places and regions on the sphere and in the plane, and what documents say of them. */
export {
  elementsOf,
  isLngLat,
  isValue,
  numberIn,
  onSphere,
  outOfBounds,
  readPair,
} from './coordinates.ts';
export { type NumberRange, queryRanges, storedCellNumbers } from './covering.ts';
export { box, circle, type FlatPoint, type FlatRegion, polygon } from './flat.ts';
export { type Geometry, geoJsonType, readGeoJson } from './geojson.ts';
export { type Grid, gridNumber, gridRanges } from './grid.ts';
export { distanceTo, earthRadius, type Nearness } from './nearness.ts';
export { type GeoRegion, isInRegion } from './region.ts';
export { angleTo, contains, emptyShape, intersects, type Shape } from './shape.ts';
export { readStored, readStoredOnSphere, type StoredGeometry } from './stored.ts';
export type { Vector } from './vector.ts';
