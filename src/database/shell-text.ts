import {
  Binary,
  BSONRegExp,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson';

/** A value as MongoDB's error messages print it, e.g. `ObjectId('...')`, `new Date(0)`, `"text"`. */
export function shellText(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'undefined';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'boolean') return String(value);
  if (value instanceof Date) return `new Date(${value.getTime()})`;
  if (value instanceof ObjectId) return `ObjectId('${value.toHexString()}')`;
  if (value instanceof Timestamp) return `Timestamp(${value.t}, ${value.i})`;
  if (value instanceof Double || value instanceof Int32) return numberText(value.value);
  if (value instanceof Long) return value.toString();
  if (value instanceof Decimal128) return value.toString();
  if (value instanceof MinKey) return 'MinKey';
  if (value instanceof MaxKey) return 'MaxKey';
  if (value instanceof BSONRegExp) return `/${value.pattern}/${value.options}`;
  if (value instanceof Binary) return binaryText(value);
  if (Array.isArray(value)) return `[ ${value.map(shellText).join(', ')} ]`;
  const fields = Object.entries(value as Record<string, unknown>);
  return `{ ${fields.map(([name, inner]) => `${name}: ${shellText(inner)}`).join(', ')} }`;
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'nan.0';
  return String(value);
}

function binaryText(value: Binary): string {
  const bytes = Buffer.from(value.buffer.subarray(0, value.position));
  if (value.sub_type === 4 && bytes.length === 16) {
    const hex = bytes.toString('hex');
    const parts = [
      hex.slice(0, 8),
      hex.slice(8, 12),
      hex.slice(12, 16),
      hex.slice(16, 20),
      hex.slice(20),
    ];
    return `UUID("${parts.join('-')}")`;
  }
  return `BinData(${value.sub_type}, ${bytes.toString('hex').toUpperCase()})`;
}
