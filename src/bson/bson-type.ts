/** The type bytes of BSON (bsonspec.org, version 1.1). minKey is 0xFF on the wire: unsigned here. */
export const BsonType = {
  double: 1,
  string: 2,
  object: 3,
  array: 4,
  binData: 5,
  undefined: 6,
  objectId: 7,
  bool: 8,
  date: 9,
  null: 10,
  regex: 11,
  dbPointer: 12,
  javascript: 13,
  symbol: 14,
  javascriptWithScope: 15,
  int: 16,
  timestamp: 17,
  long: 18,
  decimal: 19,
  minKey: 255,
  maxKey: 127,
} as const;

/**
 * One BSON value as a range of bytes: without the type byte and the field name before it.
 * It borrows the buffer; who keeps it longer than the buffer lives must copy it (`copyValue`).
 */
export interface RawValue {
  readonly buffer: Buffer;
  readonly type: number;
  readonly start: number;
  readonly end: number;
}
