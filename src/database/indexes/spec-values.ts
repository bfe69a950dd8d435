/** Values in the specification of an index. */
import { BsonType, decodeValue, ElementReader, type RawValue } from '../../bson/index.ts';

const numberTypes: ReadonlySet<number> = new Set([
  BsonType.double,
  BsonType.int,
  BsonType.long,
  BsonType.decimal,
]);

/** The number of any numeric type; undefined for a value that is none. */
export function numberOf(value: RawValue): number | undefined {
  return numberTypes.has(value.type) ? Number(String(decodeValue(value))) : undefined;
}

/** `{_id: 1}`: the index every collection has. */
export function isIdKeyDocument(key: RawValue): boolean {
  const reader = new ElementReader(key.buffer, key.start);
  if (!reader.next() || reader.name() !== '_id' || numberOf(reader.value()) !== 1) return false;
  return !reader.next();
}
