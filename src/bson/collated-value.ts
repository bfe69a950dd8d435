/** Values with the collation's keys in place of their texts, as an index with the collation holds them. */
import { BsonType, type RawValue } from './bson-type.ts';
import type { Collation } from './collation.ts';
import { DocumentWriter } from './document-writer.ts';
import { ElementReader } from './element-reader.ts';
import { readInt32 } from './little-endian.ts';

/** Whether a collation takes part in comparisons with values of this type. */
export function isCollatable(type: number): boolean {
  return (
    type === BsonType.string ||
    type === BsonType.symbol ||
    type === BsonType.object ||
    type === BsonType.array
  );
}

/** `value` with keys for texts, at any depth; itself when it is of a type that holds none. */
export function collatedValue(value: RawValue, collation: Collation): RawValue {
  const { buffer, type, start } = value;
  switch (type) {
    case BsonType.string:
    case BsonType.symbol: {
      const key = collation.key(buffer, start + 4, start + 3 + readInt32(buffer, start));
      const bytes = Buffer.allocUnsafe(key.length + 5);
      bytes.writeInt32LE(key.length + 1, 0);
      key.copy(bytes, 4);
      bytes[bytes.length - 1] = 0;
      return { buffer: bytes, type: BsonType.string, start: 0, end: bytes.length };
    }
    case BsonType.object:
    case BsonType.array: {
      const writer = new DocumentWriter();
      writer.startDocument();
      const reader = new ElementReader(buffer, start);
      while (reader.next()) writer.raw(reader.name(), collatedValue(reader.value(), collation));
      writer.end();
      const bytes = writer.finish();
      return { buffer: bytes, type, start: 0, end: bytes.length };
    }
    default:
      return value;
  }
}
