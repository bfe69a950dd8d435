import { BsonType, decodeValue, type RawValue } from '../bson/index.ts';
import type { Interval } from './interval.ts';

/** An interval as explain prints it, e.g. `[5.0, inf]`; `turned` for a descending scan. */
export function explainInterval(one: Interval, turned: boolean): string {
  const low = explainBound(one.low);
  const high = explainBound(one.high);
  return turned
    ? `${one.highInclusive ? '[' : '('}${high}, ${low}${one.lowInclusive ? ']' : ')'}`
    : `${one.lowInclusive ? '[' : '('}${low}, ${high}${one.highInclusive ? ']' : ')'}`;
}

/** A value as MongoDB prints it inside bounds. */
function explainBound(value: RawValue): string {
  switch (value.type) {
    case BsonType.minKey:
      return 'MinKey';
    case BsonType.maxKey:
      return 'MaxKey';
    case BsonType.null:
      return 'null';
    case BsonType.undefined:
      return 'undefined';
    case BsonType.double: {
      const number = value.buffer.readDoubleLE(value.start);
      if (Number.isNaN(number)) return 'nan';
      if (number === Infinity) return 'inf';
      if (number === -Infinity) return '-inf';
      return Number.isInteger(number) && Math.abs(number) < 1e15 ? `${number}.0` : String(number);
    }
    case BsonType.date:
      return `new Date(${value.buffer.readBigInt64LE(value.start)})`;
    case BsonType.objectId:
      return `ObjectId('${value.buffer.toString('hex', value.start, value.start + 12)}')`;
    case BsonType.timestamp: {
      const increment = value.buffer.readUInt32LE(value.start);
      return `Timestamp(${value.buffer.readUInt32LE(value.start + 4)}, ${increment})`;
    }
    case BsonType.binData: {
      const length = value.buffer.readInt32LE(value.start);
      const subtype = value.buffer[value.start + 4]!;
      const bytes = value.buffer.toString('hex', value.start + 5, value.start + 5 + length);
      return `BinData(${subtype}, ${bytes.toUpperCase()})`;
    }
    case BsonType.string:
    case BsonType.symbol:
      return JSON.stringify(decodeValue(value));
    case BsonType.regex: {
      const end = value.buffer.indexOf(0, value.start);
      const optionsEnd = value.buffer.indexOf(0, end + 1);
      return `/${value.buffer.toString('utf8', value.start, end)}/${value.buffer.toString('utf8', end + 1, optionsEnd)}`;
    }
    default:
      return explainNested(decodeValue(value));
  }
}

function explainNested(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) {
    return value.length === 0 ? '[]' : `[ ${value.map(explainNested).join(', ')} ]`;
  }
  if (value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === null) {
    const fields = Object.entries(value).map(([name, field]) => `${name}: ${explainNested(field)}`);
    return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
  }
  return String(value);
}
