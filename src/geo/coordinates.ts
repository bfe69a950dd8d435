/** Positions as documents write them. Each reader answers text that says what is wrong. */
import { BsonType, decodeValue, ElementReader, type RawValue, valueText } from '../bson/index.ts';
import type { FlatPoint } from './flat.ts';
import { fromLngLat, type Vector } from './vector.ts';

/** What a reader found, or why there is nothing to find. */
export type Parsed<T> = { readonly value: T } | { readonly reason: string };

export function isValue<T>(parsed: Parsed<T>): parsed is { readonly value: T } {
  return 'value' in parsed;
}

export function numberIn(value: RawValue): number | undefined {
  switch (value.type) {
    case BsonType.double:
    case BsonType.int:
    case BsonType.long:
    case BsonType.decimal:
      return Number(String(decodeValue(value)));
    default:
      return undefined;
  }
}

export function elementsOf(value: RawValue): RawValue[] {
  const found: RawValue[] = [];
  const reader = new ElementReader(value.buffer, value.start);
  while (reader.next()) found.push(reader.value());
  return found;
}

/** The first two numbers of an array or a document. Queries allow no more elements than these. */
export function readPair(value: RawValue, options: { exact: boolean }): Parsed<FlatPoint> {
  if (value.type !== BsonType.array && value.type !== BsonType.object) {
    return { reason: `Point must be an array or object, instead got type ${typeText(value)}` };
  }
  const elements = elementsOf(value);
  const [x, y] = elements.slice(0, 2).map(numberIn);
  if (x === undefined || y === undefined) {
    return { reason: `Point must only contain numeric elements, in ${valueText(value)}` };
  }
  if (options.exact && elements.length > 2) {
    return { reason: `Point must only contain two numeric elements, in ${valueText(value)}` };
  }
  if (!Number.isFinite(x) || !Number.isFinite(y)) {
    return { reason: `Point coordinates must be finite numbers, in ${valueText(value)}` };
  }
  return { value: { x, y } };
}

/** A position of GeoJSON: longitude, latitude and whatever else. */
export function readPosition(value: RawValue): Parsed<FlatPoint> {
  const found = readPair(value, { exact: false });
  if (!isValue(found) || isLngLat(found.value)) return found;
  return { reason: outOfBounds(found.value) };
}

export function isLngLat({ x, y }: FlatPoint): boolean {
  return Math.abs(x) <= 180 && Math.abs(y) <= 90;
}

export function outOfBounds({ x, y }: FlatPoint): string {
  return `longitude/latitude is out of bounds, lng: ${x} lat: ${y}`;
}

export function onSphere({ x, y }: FlatPoint): Vector {
  return fromLngLat(x, y);
}

function typeText({ type }: RawValue): string {
  return (
    Object.keys(BsonType).find((name) => BsonType[name as keyof typeof BsonType] === type) ?? ''
  );
}
