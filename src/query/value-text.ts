import { BsonType, decodeValue, ElementReader, type RawValue, readDouble } from '../bson/index.ts';

/** A value as the server writes it in error messages: `{ a: 1, b: "x" }`, `[ 1, 2 ]`, `1.5`. */
export function valueText(value: RawValue): string {
  switch (value.type) {
    case BsonType.double: {
      const double = readDouble(value.buffer, value.start);
      if (Number.isNaN(double)) return 'nan.0';
      if (!Number.isFinite(double)) return double > 0 ? 'inf.0' : '-inf.0';
      return Number.isInteger(double) && Math.abs(double) < 1e15 ? double.toFixed(1) : `${double}`;
    }
    case BsonType.object:
      return documentText(value.buffer, value.start);
    case BsonType.array: {
      const items: string[] = [];
      const reader = new ElementReader(value.buffer, value.start);
      while (reader.next()) items.push(valueText(reader.value()));
      return items.length === 0 ? '[]' : `[ ${items.join(', ')} ]`;
    }
    case BsonType.date:
      return `new Date(${(decodeValue(value) as Date).getTime()})`;
    case BsonType.objectId:
      return `ObjectId('${String(decodeValue(value))}')`;
    case BsonType.string:
      return JSON.stringify(decodeValue(value));
    case BsonType.undefined:
      return 'undefined';
    case BsonType.minKey:
      return 'MinKey';
    case BsonType.maxKey:
      return 'MaxKey';
    case BsonType.decimal:
      return `${String(decodeValue(value))}`;
    case BsonType.regex: {
      const { pattern, options } = decodeValue(value) as { pattern: string; options: string };
      return `/${pattern}/${options}`;
    }
    default: {
      const decoded = decodeValue(value);
      return typeof decoded === 'object' ? JSON.stringify(decoded) : String(decoded);
    }
  }
}

/** `{ a: 1, b: 2 }`; `{}` when empty. */
function documentText(buffer: Buffer, start: number): string {
  const reader = new ElementReader(buffer, start);
  const fields: string[] = [];
  while (reader.next()) fields.push(`${reader.name()}: ${valueText(reader.value())}`);
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}

/** `name: value`, an element of a message. */
export function elementText(name: string, value: RawValue): string {
  return `${name}: ${valueText(value)}`;
}

const typeNames: Readonly<Record<number, string>> = {
  [BsonType.double]: 'double',
  [BsonType.string]: 'string',
  [BsonType.object]: 'object',
  [BsonType.array]: 'array',
  [BsonType.binData]: 'binData',
  [BsonType.undefined]: 'undefined',
  [BsonType.objectId]: 'objectId',
  [BsonType.bool]: 'bool',
  [BsonType.date]: 'date',
  [BsonType.null]: 'null',
  [BsonType.regex]: 'regex',
  [BsonType.dbPointer]: 'dbPointer',
  [BsonType.javascript]: 'javascript',
  [BsonType.symbol]: 'symbol',
  [BsonType.javascriptWithScope]: 'javascriptWithScope',
  [BsonType.int]: 'int',
  [BsonType.timestamp]: 'timestamp',
  [BsonType.long]: 'long',
  [BsonType.decimal]: 'decimal',
  [BsonType.minKey]: 'minKey',
  [BsonType.maxKey]: 'maxKey',
};

/** The alias `$type` knows the type by. */
export function typeName(type: number): string {
  return typeNames[type] ?? 'missing';
}
