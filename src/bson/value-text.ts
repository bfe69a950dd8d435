/** Values and their types as MongoDB's error messages and explain's index bounds print them. */
import { BsonType, type RawValue } from './bson-type.ts';
import { decodeValue } from './decode.ts';
import { cstringEnd, ElementReader } from './element-reader.ts';
import { readDouble, readInt32, readUint32 } from './little-endian.ts';

/** `{ a: 1, b: "x" }`, `[ 1, 2 ]`, `1.5`, `2.0` for the double 2. */
export function valueText({ buffer, type, start, end }: RawValue): string {
  switch (type) {
    case BsonType.double:
      return doubleText(readDouble(buffer, start));
    case BsonType.string:
    case BsonType.symbol:
      return JSON.stringify(buffer.toString('utf8', start + 4, end - 1));
    case BsonType.object:
      return documentText(buffer, start);
    case BsonType.array: {
      const items: string[] = [];
      const reader = new ElementReader(buffer, start);
      while (reader.next()) items.push(valueText(reader.value()));
      return items.length === 0 ? '[]' : `[ ${items.join(', ')} ]`;
    }
    case BsonType.binData:
      return binaryText(buffer, start);
    case BsonType.undefined:
      return 'undefined';
    case BsonType.objectId:
      return `ObjectId('${buffer.toString('hex', start, end)}')`;
    case BsonType.date:
      return `new Date(${buffer.readBigInt64LE(start)})`;
    case BsonType.regex: {
      const patternEnd = cstringEnd(buffer, start);
      const pattern = buffer.toString('utf8', start, patternEnd);
      return `/${pattern}/${buffer.toString('utf8', patternEnd + 1, end - 1)}`;
    }
    case BsonType.javascript:
      return buffer.toString('utf8', start + 4, end - 1);
    case BsonType.timestamp:
      return `Timestamp(${readUint32(buffer, start + 4)}, ${readUint32(buffer, start)})`;
    case BsonType.minKey:
      return 'MinKey';
    case BsonType.maxKey:
      return 'MaxKey';
    default: {
      const decoded = decodeValue({ buffer, type, start, end });
      // Decimal128 among the objects writes itself; code with a scope and pointers are shown as JSON.
      return typeof decoded === 'object' && decoded !== null && type !== BsonType.decimal
        ? JSON.stringify(decoded)
        : String(decoded);
    }
  }
}

/** `{ a: 1, b: 2 }`; `{}` when empty. */
export function documentText(buffer: Buffer, start: number): string {
  const reader = new ElementReader(buffer, start);
  const fields: string[] = [];
  while (reader.next()) fields.push(elementText(reader.name(), reader.value()));
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}

/** `name: value`, an element of a message. */
export function elementText(name: string, value: RawValue): string {
  return `${name}: ${valueText(value)}`;
}

function doubleText(double: number): string {
  if (Number.isNaN(double)) return 'nan.0';
  if (!Number.isFinite(double)) return double > 0 ? 'inf.0' : '-inf.0';
  return Number.isInteger(double) && Math.abs(double) < 1e15 ? double.toFixed(1) : `${double}`;
}

/** A UUID by its own notation, other binary data as upper-case hexadecimal. */
function binaryText(buffer: Buffer, start: number): string {
  const length = readInt32(buffer, start);
  const subtype = buffer[start + 4]!;
  const hex = buffer.toString('hex', start + 5, start + 5 + length);
  if (subtype === 4 && length === 16) {
    return `UUID("${hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')}")`;
  }
  return `BinData(${subtype}, ${hex.toUpperCase()})`;
}

const aliases = new Map<number, string>(
  Object.entries(BsonType).map(([alias, type]) => [type, alias]),
);

/** The alias by which `$type` and messages name a type; `missing` for what is none. */
export function typeAlias(type: number): string {
  return aliases.get(type) ?? 'missing';
}
