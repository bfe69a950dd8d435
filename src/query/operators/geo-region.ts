/** The regions of `$geoWithin` and `$geoIntersects`, read from what the client wrote. */
import { BsonType, ElementReader, type RawValue, valueText } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import {
  box,
  circle,
  elementsOf,
  emptyShape,
  type FlatPoint,
  type Geometry,
  type GeoRegion,
  geoJsonType,
  isInRegion,
  isLngLat,
  isValue,
  numberIn,
  onSphere,
  outOfBounds,
  polygon,
  readGeoJson,
  readPair,
  readStored,
} from '../../geo/index.ts';
import type { GeoNode, ValueTest } from '../filter-node.ts';

export function badGeo(reason: string): MongoServerError {
  return new MongoServerError('BadValue', reason);
}

/** The one region in the argument of an operator. */
export function readRegion(operator: GeoNode['operator'], argument: RawValue): GeoRegion {
  if (argument.type !== BsonType.object) {
    throw badGeo(`${operator} expects an object, not ${valueText(argument)}`);
  }
  let region: GeoRegion | undefined;
  const reader = new ElementReader(argument.buffer, argument.start);
  while (reader.next()) {
    const name = reader.name();
    if (name === '$uniqueDocs') continue;
    if (region !== undefined) {
      throw badGeo(`${operator} takes one shape, and there is another: ${name}`);
    }
    region = readSpecifier(operator, name, reader.value());
  }
  if (region === undefined) throw badGeo(`${operator} has no shape: ${valueText(argument)}`);
  return region;
}

function readSpecifier(operator: GeoNode['operator'], name: string, value: RawValue): GeoRegion {
  if (name === '$geometry') {
    const geometry = readGeometry(value);
    if (operator === '$geoIntersects') return { kind: 'intersects', shape: geometry.shape };
    if (geometry.type === 'Polygon' || geometry.type === 'MultiPolygon') {
      return { kind: 'within', shape: geometry.shape };
    }
    throw badGeo(`$geoWithin not supported with provided geometry: ${valueText(value)}`);
  }
  const read = operator === '$geoWithin' ? legacyShapes[name] : undefined;
  if (read === undefined) throw badGeo(`unknown geo specifier: ${name}`);
  if (value.type !== BsonType.array && value.type !== BsonType.object) {
    throw badGeo(`unknown geo specifier: ${name}: ${valueText(value)}`);
  }
  return read(elementsOf(value));
}

/** GeoJSON of a query. */
export function readGeometry(value: RawValue): Geometry {
  const pair = geoJsonType(value) === undefined ? readPair(value, { exact: true }) : undefined;
  if (pair !== undefined && isValue(pair) && isLngLat(pair.value)) {
    const points = [onSphere(pair.value)];
    return { type: 'Point', shape: { ...emptyShape, points }, point: pair.value };
  }
  const found = readGeoJson(value, false);
  if (!isValue(found)) throw badGeo(found.reason);
  return found.value;
}

const legacyShapes: Readonly<Record<string, (elements: RawValue[]) => GeoRegion>> = {
  $box(elements) {
    if (elements.length < 2) throw badGeo('$box takes two corners');
    const [a, b] = elements.slice(0, 2).map(readPoint) as [FlatPoint, FlatPoint];
    return { kind: 'flat', region: box(a, b) };
  },
  $center(elements) {
    const { center, radius } = readCircle('$center', elements);
    return { kind: 'flat', region: circle(center, radius) };
  },
  $centerSphere(elements) {
    const { center, radius } = readCircle('$centerSphere', elements);
    if (!isLngLat(center)) throw badGeo(outOfBounds(center));
    const caps = [{ center: onSphere(center), radius }];
    return { kind: 'within', shape: { ...emptyShape, caps } };
  },
  $polygon(elements) {
    const corners = elements.map(readPoint);
    if (corners.length < 3) throw badGeo('Polygon must have at least 3 points');
    return { kind: 'flat', region: polygon(corners) };
  },
};

function readPoint(value: RawValue): FlatPoint {
  const found = readPair(value, { exact: true });
  if (!isValue(found)) throw badGeo(found.reason);
  return found.value;
}

function readCircle(
  name: string,
  elements: RawValue[],
): { readonly center: FlatPoint; readonly radius: number } {
  const [center, radiusValue] = elements;
  if (center === undefined || radiusValue === undefined || elements.length > 2) {
    throw badGeo(`${name} takes a point and a radius`);
  }
  const radius = numberIn(radiusValue);
  if (radius === undefined || !(radius >= 0)) {
    throw badGeo(`radius must be a non-negative number: ${valueText(radiusValue)}`);
  }
  return { center: readPoint(center), radius };
}

/** Whether a value is a place in the region; what is no place is in none. */
export function geoTest({ region }: GeoNode): ValueTest {
  return (buffer, type, start) => {
    if (type !== BsonType.object && type !== BsonType.array) return false;
    const stored = readStored({ buffer, type, start, end: start + buffer.readInt32LE(start) });
    return isValue(stored) && isInRegion(region, stored.value);
  };
}
