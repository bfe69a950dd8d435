/**
 * The hash of a value in a hashed index: MongoDB's, so that hashes computed elsewhere agree. The first
 * 64 bits of the MD5 of a seed, and of each value its bracket in the order of types, its name if it is
 * an element, and its bytes; all numbers as the 64-bit integers they are cut to.
 */
import { createHash, type Hash } from 'node:crypto';
import { BsonType, type RawValue } from './bson-type.ts';
import { ElementReader } from './element-reader.ts';
import { truncateToInteger } from './number.ts';

const seed = Buffer.alloc(4);
const longMin = -(2n ** 63n);
const longMax = 2n ** 63n - 1n;
/** A document ends with an element without type. */
const endOfDocument = int32(0);

/** What MongoDB calls the canonical type: numbers are one, strings and symbols are one. */
const canonicalTypes: Readonly<Record<number, number>> = {
  [BsonType.minKey]: -1,
  [BsonType.undefined]: 0,
  [BsonType.null]: 5,
  [BsonType.double]: 10,
  [BsonType.int]: 10,
  [BsonType.long]: 10,
  [BsonType.decimal]: 10,
  [BsonType.string]: 15,
  [BsonType.symbol]: 15,
  [BsonType.object]: 20,
  [BsonType.array]: 25,
  [BsonType.binData]: 30,
  [BsonType.objectId]: 35,
  [BsonType.bool]: 40,
  [BsonType.date]: 45,
  [BsonType.timestamp]: 47,
  [BsonType.regex]: 50,
  [BsonType.dbPointer]: 55,
  [BsonType.javascript]: 60,
  [BsonType.javascriptWithScope]: 65,
  [BsonType.maxKey]: 127,
};

export function hashedKey(value: RawValue): bigint {
  const hash = createHash('md5').update(seed);
  addValue(hash, value, undefined);
  return hash.digest().readBigInt64LE(0);
}

function addValue(hash: Hash, value: RawValue, name: string | undefined): void {
  const { buffer, type, start, end } = value;
  hash.update(int32(canonicalTypes[type] ?? 0));
  if (name !== undefined) hash.update(`${name}\0`);
  switch (type) {
    case BsonType.double:
    case BsonType.int:
    case BsonType.long:
    case BsonType.decimal:
      hash.update(int64(integerOf(value)));
      return;
    case BsonType.object:
    case BsonType.array:
      addElements(hash, buffer, start);
      return;
    case BsonType.javascriptWithScope: {
      // Length of the whole, length of the text, the text, and the scope.
      const textEnd = start + 8 + buffer.readInt32LE(start + 4);
      hash.update(buffer.subarray(start + 8, textEnd));
      addElements(hash, buffer, textEnd);
      return;
    }
    default:
      hash.update(buffer.subarray(start, end));
  }
}

function addElements(hash: Hash, buffer: Buffer, start: number): void {
  const reader = new ElementReader(buffer, start);
  while (reader.next()) addValue(hash, reader.value(), reader.name());
  hash.update(endOfDocument);
}

/** Cut to 64 bits; no number is 0. 2^63 is the least one, as it always was. */
function integerOf(value: RawValue): bigint {
  const { buffer, type, start } = value;
  if (type === BsonType.int) return BigInt(buffer.readInt32LE(start));
  if (type === BsonType.long) return buffer.readBigInt64LE(start);
  if (type === BsonType.double) {
    const number = buffer.readDoubleLE(start);
    if (Number.isNaN(number)) return 0n;
    if (number > 2 ** 63) return longMax;
    return number < -(2 ** 63) || number === 2 ** 63 ? longMin : BigInt(Math.trunc(number));
  }
  const whole = truncateToInteger(value);
  if (whole === undefined) return 0n;
  return whole > longMax ? longMax : whole < longMin ? longMin : whole;
}

function int32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeInt32LE(value, 0);
  return bytes;
}

function int64(value: bigint): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigInt64LE(value, 0);
  return bytes;
}
