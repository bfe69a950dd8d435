/**
 * GeoJSON (RFC 7946) as MongoDB takes it: edges are arcs of great circles, a polygon is the smaller
 * side of its ring unless its coordinate reference system says that the winding counts.
 */
import { BsonType, findField, type RawValue, valueText } from '../bson/index.ts';
import { elementsOf, isValue, onSphere, type Parsed, readPosition } from './coordinates.ts';
import type { FlatPoint } from './flat.ts';
import { Loop } from './loop.ts';
import { emptyShape, type Polygon, type Shape } from './shape.ts';
import { samePoint, sum, unit, type Vector } from './vector.ts';

export type GeoJsonType =
  | 'Point'
  | 'LineString'
  | 'Polygon'
  | 'MultiPoint'
  | 'MultiLineString'
  | 'MultiPolygon'
  | 'GeometryCollection';

export interface Geometry {
  readonly type: GeoJsonType;
  readonly shape: Shape;
  /** Of a Point: its coordinates as they stand. */
  readonly point?: FlatPoint;
}

/** The `type` of a document that says to be GeoJSON. */
export function geoJsonType({ buffer, start, type }: RawValue): string | undefined {
  if (type !== BsonType.object) return undefined;
  const found = findField(buffer, start, 'type');
  if (found?.type !== BsonType.string) return undefined;
  return buffer.toString('utf8', found.start + 4, found.end - 1);
}

/** `isStored`: of a document, where the winding of a polygon can not count. */
export function readGeoJson(value: RawValue, isStored: boolean): Parsed<Geometry> {
  const type = geoJsonType(value);
  const read = type === undefined ? undefined : readers[type as GeoJsonType];
  if (type === undefined || read === undefined) {
    return { reason: `unknown GeoJSON type: ${valueText(value)}` };
  }
  const winding = readCrs(value, isStored);
  if (!isValue(winding)) return winding;
  const isStrict = winding.value === 'strict';
  if (isStrict && type !== 'Polygon') {
    return { reason: 'Strict winding order is only supported by polygon' };
  }
  if (type === 'GeometryCollection') return readCollection(value);
  const coordinates = findField(value.buffer, value.start, 'coordinates');
  const isPosition = type === 'Point' && coordinates?.type === BsonType.object;
  if (coordinates === undefined || (coordinates.type !== BsonType.array && !isPosition)) {
    return { reason: `GeoJSON coordinates must be an array, in ${valueText(value)}` };
  }
  const shape = read(coordinates, isStrict);
  if (!isValue(shape)) return shape;
  const geometry = { type: type as GeoJsonType, shape: shape.value };
  if (type !== 'Point') return { value: geometry };
  const point = readPosition(coordinates);
  return isValue(point) ? { value: { ...geometry, point: point.value } } : point;
}

const sphereNames: ReadonlySet<string> = new Set(['urn:ogc:def:crs:OGC:1.3:CRS84', 'EPSG:4326']);
const strictName = 'urn:x-mongodb:crs:strictwinding:EPSG:4326';

function readCrs({ buffer, start }: RawValue, isStored: boolean): Parsed<'sphere' | 'strict'> {
  const crs = findField(buffer, start, 'crs');
  if (crs === undefined) return { value: 'sphere' };
  if (crs.type !== BsonType.object) return { reason: 'GeoJSON CRS must be an object' };
  const type = findField(buffer, crs.start, 'type');
  if (type?.type !== BsonType.string || textOf(type) !== 'name') {
    return { reason: 'GeoJSON CRS must have field "type": "name"' };
  }
  const properties = findField(buffer, crs.start, 'properties');
  if (properties?.type !== BsonType.object) {
    return { reason: 'CRS must have field "properties" which is an object' };
  }
  const name = findField(buffer, properties.start, 'name');
  if (name?.type !== BsonType.string) {
    return { reason: 'In CRS, "properties.name" must be a string' };
  }
  const text = textOf(name);
  if (sphereNames.has(text)) return { value: 'sphere' };
  if (text !== strictName) return { reason: `Unknown CRS name: ${text}` };
  return isStored
    ? { reason: "can't index geometry with strict winding order" }
    : { value: 'strict' };
}

function textOf({ buffer, start, end }: RawValue): string {
  return buffer.toString('utf8', start + 4, end - 1);
}

type ShapeReader = (coordinates: RawValue, isStrict: boolean) => Parsed<Shape>;

const readers: Readonly<Record<GeoJsonType, ShapeReader>> = {
  Point: (value) => mapped(readVertex(value), (point) => ({ ...emptyShape, points: [point] })),
  LineString: (value) => mapped(readLine(value), (line) => ({ ...emptyShape, lines: [line] })),
  Polygon: (value, isStrict) =>
    mapped(readPolygon(value, isStrict), (polygon) => ({ ...emptyShape, polygons: [polygon] })),
  MultiPoint: (value) =>
    mapped(several(value, 'MultiPoint', readVertex), (points) => ({ ...emptyShape, points })),
  MultiLineString: (value) =>
    mapped(several(value, 'MultiLineString', readLine), (lines) => ({ ...emptyShape, lines })),
  MultiPolygon: (value) =>
    mapped(
      several(value, 'MultiPolygon', (one) => readPolygon(one, false)),
      (polygons) => ({ ...emptyShape, polygons }),
    ),
  // Has no coordinates.
  GeometryCollection: () => ({ value: emptyShape }),
};

function mapped<A, B>(parsed: Parsed<A>, map: (value: A) => B): Parsed<B> {
  return isValue(parsed) ? { value: map(parsed.value) } : parsed;
}

function several<T>(
  value: RawValue,
  name: string,
  read: (value: RawValue) => Parsed<T>,
): Parsed<T[]> {
  const list = elementsOf(value);
  if (list.length === 0) return { reason: `${name} coordinates must have at least 1 element` };
  return all(list, read);
}

function all<T>(list: readonly RawValue[], read: (value: RawValue) => Parsed<T>): Parsed<T[]> {
  const values: T[] = [];
  for (const one of list) {
    const found = read(one);
    if (!isValue(found)) return found;
    values.push(found.value);
  }
  return { value: values };
}

function readVertex(value: RawValue): Parsed<Vector> {
  return mapped(readPosition(value), onSphere);
}

function readVertices(value: RawValue): Parsed<Vector[]> {
  if (value.type !== BsonType.array) {
    return { reason: 'GeoJSON coordinates must be an array of coordinates' };
  }
  return all(elementsOf(value), readVertex);
}

function readLine(value: RawValue): Parsed<readonly Vector[]> {
  const vertices = readVertices(value);
  if (!isValue(vertices)) return vertices;
  const line = withoutRepeated(vertices.value);
  if (line.length >= 2) return { value: line };
  return { reason: `GeoJSON LineString must have at least 2 vertices: ${valueText(value)}` };
}

function withoutRepeated(vertices: readonly Vector[]): Vector[] {
  return vertices.filter((vertex, at) => at === 0 || !samePoint(vertex, vertices[at - 1]!));
}

function readPolygon(value: RawValue, isStrict: boolean): Parsed<Polygon> {
  if (value.type !== BsonType.array) {
    return { reason: 'Polygon coordinates must be an array' };
  }
  const rings = elementsOf(value);
  if (rings.length === 0) return { reason: 'Polygon has no loops.' };
  if (isStrict && rings.length > 1) {
    return { reason: 'Only one simple loop is allowed in a big polygon' };
  }
  const loops: Loop[] = [];
  for (const ring of rings) {
    const loop = readLoop(ring, isStrict);
    if (!isValue(loop)) return loop;
    loops.push(loop.value);
  }
  const [shell, ...holes] = loops as [Loop, ...Loop[]];
  for (const hole of holes) {
    if (!isWithin(hole, shell)) {
      return {
        reason: `Secondary loops not contained by first exterior loop - secondary loops must be holes: ${valueText(value)}`,
      };
    }
  }
  for (const [at, hole] of holes.entries()) {
    if (holes.slice(at + 1).some((other) => crosses(hole, other))) {
      return { reason: `Loops of a polygon cross each other: ${valueText(value)}` };
    }
  }
  return { value: { loops } };
}

function readLoop(ring: RawValue, isStrict: boolean): Parsed<Loop> {
  const positions = readVertices(ring);
  if (!isValue(positions)) return positions;
  const closed = positions.value;
  if (closed.length === 0) return { reason: 'Loop has no vertices' };
  if (!samePoint(closed[0]!, closed.at(-1)!)) {
    return { reason: `Loop is not closed: ${valueText(ring)}` };
  }
  const vertices = withoutRepeated(closed).slice(0, -1);
  if (vertices.length < 3) {
    return { reason: `Loop must have at least 3 different vertices: ${valueText(ring)}` };
  }
  const seen = new Set(vertices.map(({ x, y, z }) => `${x},${y},${z}`));
  if (seen.size < vertices.length) {
    return { reason: `Loop is not valid: ${valueText(ring)} Duplicate vertices` };
  }
  const loop = isStrict ? new Loop(vertices) : Loop.smaller(vertices);
  const crossing = loop.selfCrossing();
  if (crossing === undefined) return { value: loop };
  return {
    reason: `Loop is not valid: ${valueText(ring)} Edges ${crossing[0]} and ${crossing[1]} cross.`,
  };
}

function isWithin(hole: Loop, shell: Loop): boolean {
  return (
    hole.vertices.every((vertex) => shell.touches(vertex) || shell.contains(vertex)) &&
    !crosses(hole, shell) &&
    !hole.vertices.some((_, at) => runsAlong(hole, at, shell))
  );
}

/** Whether an arc lies on the other loop; a corner may. */
function runsAlong(loop: Loop, at: number, other: Loop): boolean {
  const [a, b] = loop.arc(at);
  return [a, unit(sum(a, b)), b].every((point) => other.touches(point));
}

function crosses(a: Loop, b: Loop): boolean {
  return a.vertices.some((_, at) => b.isCrossedBy(...a.arc(at)));
}

function readCollection(value: RawValue): Parsed<Geometry> {
  const list = findField(value.buffer, value.start, 'geometries');
  if (list?.type !== BsonType.array) {
    return { reason: 'GeometryCollection geometries must be an array' };
  }
  const elements = elementsOf(list);
  if (elements.length === 0) {
    return { reason: 'GeometryCollection geometries must have at least 1 element' };
  }
  const shapes: Shape[] = [];
  for (const one of elements) {
    if (geoJsonType(one) === 'GeometryCollection') {
      return { reason: `GeometryCollection geometries element can not be a collection` };
    }
    const found = readGeoJson(one, true);
    if (!isValue(found)) return found;
    shapes.push(found.value.shape);
  }
  return {
    value: {
      type: 'GeometryCollection',
      shape: {
        points: shapes.flatMap(({ points }) => points),
        lines: shapes.flatMap(({ lines }) => lines),
        polygons: shapes.flatMap(({ polygons }) => polygons),
      },
    },
  };
}
