import { BsonType, type RawValue } from './bson-type.ts';
import { readDouble, readInt32, readInt64 } from './little-endian.ts';

/** The truth of a value: false, zero, null and undefined are false, the rest (NaN too) is true. */
export function isTruthy({ buffer, type, start }: RawValue): boolean {
  switch (type) {
    case BsonType.null:
    case BsonType.undefined:
      return false;
    case BsonType.bool:
      return buffer[start] !== 0;
    case BsonType.int:
      return readInt32(buffer, start) !== 0;
    case BsonType.long:
      return readInt64(buffer, start) !== 0n;
    case BsonType.double:
      return readDouble(buffer, start) !== 0;
    case BsonType.decimal:
      return !isDecimalZero(buffer, start);
    default:
      return true;
  }
}

function isDecimalZero(buffer: Buffer, start: number): boolean {
  const low = buffer.readBigUInt64LE(start);
  const high = buffer.readBigUInt64LE(start + 8);
  // Infinities and NaN have the four bits after the sign set; a zero has no digits.
  if (((high >> 59n) & 0xfn) === 0xfn) return false;
  return low === 0n && (high & 0x1_ffff_ffff_ffffn) === 0n;
}
