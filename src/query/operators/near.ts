/**
 * `$near` and `$nearSphere` (manual pages of both): places by their distance from a point, the nearest
 * first. The distances may stand inside of the operator, or beside it when the point is a legacy pair,
 * so the whole document of operators is read here.
 */
import { BsonType, ElementReader, findField, type RawValue, valueText } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import {
  earthRadius,
  type FlatPoint,
  isLngLat,
  isValue,
  type Nearness,
  numberIn,
  onSphere,
  readGeoJson,
  readPair,
} from '../../geo/index.ts';
import type { FilterNode, NearNode } from '../filter-node.ts';
import { badGeo, readGeometry } from './geo-region.ts';

export const nearOperators: ReadonlySet<string> = new Set(['$near', '$nearSphere', '$geoNear']);

/** Whether a document of operators is about nearness: its first field says so. */
export function isNear(buffer: Buffer, start: number): boolean {
  const reader = new ElementReader(buffer, start);
  if (!reader.next()) return false;
  const isContainer = reader.type === BsonType.object || reader.type === BsonType.array;
  return isContainer && nearOperators.has(reader.name());
}

/** Reads `{$near: ..., $minDistance, $maxDistance}`. */
export function parseNear(path: string, spec: RawValue): NearNode {
  let argument: RawValue | undefined;
  let operator: NearNode['operator'] = '$near';
  let min: number | undefined;
  let max: number | undefined;
  const reader = new ElementReader(spec.buffer, spec.start);
  while (reader.next()) {
    const name = reader.name();
    const value = reader.value();
    if (nearOperators.has(name)) {
      if (argument !== undefined) throw badGeo(`geo near accepts one point: ${valueText(spec)}`);
      argument = value;
      operator = name === '$nearSphere' ? '$nearSphere' : '$near';
    } else if (name === '$minDistance') min = legacyDistance(name, value, 16893, 16894);
    else if (name === '$maxDistance') max = legacyDistance(name, value, 16895, 16896);
    else if (name !== '$uniqueDocs') {
      throw new MongoServerError(34413, `invalid argument in geo near query: ${name}`);
    }
  }
  if (argument === undefined) throw new Error('the first field was no $near');
  const pair = readPair(argument, { exact: false });
  let nearness: Nearness;
  if (isValue(pair)) {
    const isSphere = operator === '$nearSphere';
    if (isSphere && !isLngLat(pair.value)) {
      throw badGeo(`Legacy point is out of bounds for spherical query: ${valueText(argument)}`);
    }
    nearness = {
      center: isSphere
        ? { kind: 'sphere', at: onSphere(pair.value), lngLat: pair.value }
        : { kind: 'flat', at: pair.value },
      scale: 1,
      min: min ?? 0,
      max: max ?? thirdNumber(argument) ?? Number.POSITIVE_INFINITY,
    };
  } else {
    if (argument.type !== BsonType.object) throw badGeo(pair.reason);
    const place = readGeoJson(argument, false);
    const point = isValue(place) ? place.value.point : undefined;
    if (point !== undefined) {
      // A GeoJSON point without $geometry around it: its distances stand beside the operator.
      const nearness = nearLngLat(point, min ?? 0, max ?? Number.POSITIVE_INFINITY);
      return { kind: 'near', path, operator, nearness, spec };
    }
    if (min !== undefined || max !== undefined) {
      throw badGeo('geo near accepts just one argument when querying for a GeoJSON point');
    }
    nearness = readGeoJsonNear(argument);
  }
  return { kind: 'near', path, operator, nearness, spec };
}

/** `[x, y, maxDistance]`. */
function thirdNumber(pair: RawValue): number | undefined {
  const reader = new ElementReader(pair.buffer, pair.start);
  reader.next();
  reader.next();
  return reader.next() ? numberIn(reader.value()) : undefined;
}

function legacyDistance(
  name: string,
  value: RawValue,
  notNumber: number,
  negative: number,
): number {
  const found = numberIn(value);
  if (found === undefined) throw new MongoServerError(notNumber, `${name} must be a number`);
  if (!(found >= 0)) throw new MongoServerError(negative, `${name} must be non-negative`);
  return found;
}

function readGeoJsonNear(argument: RawValue): Nearness {
  let geometry: RawValue | undefined;
  let min = 0;
  let max = Number.POSITIVE_INFINITY;
  const reader = new ElementReader(argument.buffer, argument.start);
  while (reader.next()) {
    const name = reader.name();
    const value = reader.value();
    if (name === '$geometry') geometry = value;
    else if (name === '$minDistance') min = metres(name, value);
    else if (name === '$maxDistance') max = metres(name, value);
    else throw badGeo(`invalid argument in geo near query: ${name}`);
  }
  if (geometry === undefined) {
    throw badGeo(`$near requires a point, given ${valueText(argument)}`);
  }
  const pair = readPair(geometry, { exact: false });
  const at = isValue(pair) ? pair.value : pointOf(geometry);
  if (at === undefined || !isLngLat(at)) {
    throw badGeo(`$near requires a point, given ${valueText(geometry)}`);
  }
  return nearLngLat(at, min, max);
}

/** Of GeoJSON, where the type may be left out: it can only be a point. */
function pointOf(geometry: RawValue): FlatPoint | undefined {
  if (geometry.type !== BsonType.object) return readGeometry(geometry).point;
  const type = findField(geometry.buffer, geometry.start, 'type');
  const coordinates = findField(geometry.buffer, geometry.start, 'coordinates');
  if (type !== undefined || coordinates === undefined) return readGeometry(geometry).point;
  const pair = readPair(coordinates, { exact: false });
  if (!isValue(pair)) throw badGeo(pair.reason);
  return pair.value;
}

/** Distances in metres. */
function nearLngLat(at: FlatPoint, min: number, max: number): Nearness {
  return {
    center: { kind: 'sphere', at: onSphere(at), lngLat: at },
    scale: earthRadius,
    min: min / earthRadius,
    max: max / earthRadius,
  };
}

function metres(name: string, value: RawValue): number {
  const found = numberIn(value);
  if (found !== undefined && Number.isFinite(found) && found >= 0) return found;
  throw badGeo(`${name} must be a non-negative number`);
}

/** The one `$near` of a filter. Throws when there are two, or one that is not a condition of every match. */
export function nearOf(root: FilterNode): NearNode | undefined {
  if (root.kind === 'near') return root;
  if (root.kind !== 'and') {
    if (holdsNear(root)) throw badGeo('geo $near must be top-level expr');
    return undefined;
  }
  let found: NearNode | undefined;
  for (const child of root.children) {
    const near = nearOf(child);
    if (near === undefined) continue;
    if (found !== undefined) throw badGeo('Too many geoNear expressions');
    found = near;
  }
  return found;
}

function holdsNear(node: FilterNode): boolean {
  if (node.kind === 'near') return true;
  if ('children' in node) return node.children.some(holdsNear);
  return 'child' in node && holdsNear(node.child);
}
