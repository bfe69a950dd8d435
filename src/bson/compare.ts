/**
 * MongoDB's total order of BSON values ("Comparison/Sort Order" in its manual): first by bracket
 * (`canonicalType`), then by value. Numbers of all four types compare exactly, beyond 2^53 too.
 */
import { BsonType } from './bson-type.ts';
import type { Collation } from './collation.ts';
import {
  compareDecimals,
  decimalFromInteger,
  decimalToDouble,
  exactDecimal,
  readDecimal,
} from './decimal.ts';
import { cstringEnd, valueEnd } from './element-reader.ts';
import {
  readDouble,
  readInt32,
  readInt64,
  readInt64AsNumber,
  readUint32,
} from './little-endian.ts';

const canonical = new Int16Array(256);
canonical[BsonType.minKey] = -1;
canonical[BsonType.undefined] = 0;
canonical[BsonType.null] = 5;
canonical[BsonType.double] = 10;
canonical[BsonType.int] = 10;
canonical[BsonType.long] = 10;
canonical[BsonType.decimal] = 10;
canonical[BsonType.string] = 15;
canonical[BsonType.symbol] = 15;
canonical[BsonType.object] = 20;
canonical[BsonType.array] = 25;
canonical[BsonType.binData] = 30;
canonical[BsonType.objectId] = 35;
canonical[BsonType.bool] = 40;
canonical[BsonType.date] = 45;
canonical[BsonType.timestamp] = 47;
canonical[BsonType.regex] = 50;
canonical[BsonType.dbPointer] = 55;
canonical[BsonType.javascript] = 60;
canonical[BsonType.javascriptWithScope] = 65;
canonical[BsonType.maxKey] = 127;

/** The type's bracket: values of one bracket are comparable by $gt and its like. */
export function canonicalType(type: number): number {
  return canonical[type]!;
}

/** Below 0, 0 or above 0, as a sorts before, with or after b. */
export function compareValues(
  aBuffer: Buffer,
  aType: number,
  aStart: number,
  bBuffer: Buffer,
  bType: number,
  bStart: number,
  collation?: Collation,
): number {
  if (aType === BsonType.int && bType === BsonType.int) {
    const a = readInt32(aBuffer, aStart);
    const b = readInt32(bBuffer, bStart);
    return a < b ? -1 : a > b ? 1 : 0;
  }
  const bracket = canonical[aType]!;
  const otherBracket = canonical[bType]!;
  if (bracket !== otherBracket) return bracket < otherBracket ? -1 : 1;
  switch (bracket) {
    case 10:
      return compareNumbers(aBuffer, aType, aStart, bBuffer, bType, bStart);
    case 15:
      if (collation !== undefined) {
        return collation.compare(
          aBuffer,
          aStart + 4,
          aStart + 3 + readInt32(aBuffer, aStart),
          bBuffer,
          bStart + 4,
          bStart + 3 + readInt32(bBuffer, bStart),
        );
      }
      return compareStrings(aBuffer, aStart, bBuffer, bStart);
    case 60:
      return compareStrings(aBuffer, aStart, bBuffer, bStart);
    case 20:
      return compareElements(aBuffer, aStart, bBuffer, bStart, true, collation);
    case 25:
      return compareElements(aBuffer, aStart, bBuffer, bStart, false, collation);
    case 30:
      return compareBinaries(aBuffer, aStart, bBuffer, bStart);
    case 35:
      return compareBytes(aBuffer, aStart, aStart + 12, bBuffer, bStart, bStart + 12);
    case 40:
      return Number(aBuffer[aStart] !== 0) - Number(bBuffer[bStart] !== 0);
    case 45:
      return compareInt64(aBuffer, aStart, bBuffer, bStart);
    case 47:
      return compareUint64(aBuffer, aStart, bBuffer, bStart);
    case 50:
      return compareRegexes(aBuffer, aStart, bBuffer, bStart);
    case 55:
      return compareDbPointers(aBuffer, aStart, bBuffer, bStart);
    case 65:
      return compareCodeWithScope(aBuffer, aStart, bBuffer, bStart);
    default:
      return 0;
  }
}

/**
 * Element by element: bracket of the value, then name, then value; the shorter document first.
 */
export function compareDocuments(a: Buffer, aStart: number, b: Buffer, bStart: number): number {
  return compareElements(a, aStart, b, bStart, true);
}

function compareElements(
  a: Buffer,
  aStart: number,
  b: Buffer,
  bStart: number,
  withNames: boolean,
  collation?: Collation,
): number {
  let left = aStart + 4;
  let right = bStart + 4;
  for (;;) {
    const aType = a[left]!;
    const bType = b[right]!;
    if (!(aType > 0)) return bType > 0 ? -1 : 0;
    if (!(bType > 0)) return 1;
    const brackets = canonical[aType]! - canonical[bType]!;
    if (brackets !== 0) return brackets;
    const aNameEnd = cstringEnd(a, left + 1);
    const bNameEnd = cstringEnd(b, right + 1);
    if (withNames) {
      const names = compareBytes(a, left + 1, aNameEnd, b, right + 1, bNameEnd);
      if (names !== 0) return names;
    }
    const values = compareValues(a, aType, aNameEnd + 1, b, bType, bNameEnd + 1, collation);
    if (values !== 0) return values;
    left = valueEnd(a, aType, aNameEnd + 1);
    right = valueEnd(b, bType, bNameEnd + 1);
  }
}

/** Unsigned byte order; of two where one begins with the other the shorter is first. */
function compareBytes(
  a: Buffer,
  aStart: number,
  aEnd: number,
  b: Buffer,
  bStart: number,
  bEnd: number,
): number {
  const common = Math.min(aEnd - aStart, bEnd - bStart);
  // Most comparisons end in the first bytes, where a call of Buffer.compare costs more.
  const scanned = Math.min(common, 32);
  for (let i = 0; i < scanned; i++) {
    const difference = a[aStart + i]! - b[bStart + i]!;
    if (difference !== 0) return difference;
  }
  if (common > scanned) return a.compare(b, bStart + scanned, bEnd, aStart + scanned, aEnd);
  return aEnd - aStart - (bEnd - bStart);
}

function compareStrings(a: Buffer, aStart: number, b: Buffer, bStart: number): number {
  const aEnd = aStart + 3 + readInt32(a, aStart);
  return compareBytes(a, aStart + 4, aEnd, b, bStart + 4, bStart + 3 + readInt32(b, bStart));
}

/** Exact order of two values of any numeric types. NaN is below every number and equal to itself. */
function compareNumbers(
  aBuffer: Buffer,
  aType: number,
  aStart: number,
  bBuffer: Buffer,
  bType: number,
  bStart: number,
): number {
  if (aType === BsonType.decimal || bType === BsonType.decimal) {
    if (aType !== BsonType.decimal) {
      return 0 - compareWithDecimal(bBuffer, bStart, aBuffer, aType, aStart);
    }
    return compareWithDecimal(aBuffer, aStart, bBuffer, bType, bStart);
  }
  if (aType === BsonType.long && bType === BsonType.long) {
    return compareInt64(aBuffer, aStart, bBuffer, bStart);
  }
  const a = approximate(aBuffer, aType, aStart);
  const b = approximate(bBuffer, bType, bStart);
  // Rounding to double keeps the order, so only equal approximations need a second look.
  if (a < b) return -1;
  if (a > b) return 1;
  if (a !== b) return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
  if (Math.abs(a) < 2 ** 53 || (aType !== BsonType.long && bType !== BsonType.long)) return 0;
  const left = aType === BsonType.long ? readInt64(aBuffer, aStart) : BigInt(a);
  const right = bType === BsonType.long ? readInt64(bBuffer, bStart) : BigInt(b);
  return left < right ? -1 : left > right ? 1 : 0;
}

function approximate(buffer: Buffer, type: number, start: number): number {
  if (type === BsonType.int) return readInt32(buffer, start);
  if (type === BsonType.double) return readDouble(buffer, start);
  return readInt64AsNumber(buffer, start);
}

function compareWithDecimal(
  decimalBuffer: Buffer,
  decimalStart: number,
  buffer: Buffer,
  type: number,
  start: number,
): number {
  const decimal = readDecimal(decimalBuffer, decimalStart);
  if (type === BsonType.decimal) return compareDecimals(decimal, readDecimal(buffer, start));
  const nearest = decimalToDouble(decimal);
  const other = approximate(buffer, type, start);
  if (nearest < other) return -1;
  if (nearest > other) return 1;
  if (type === BsonType.long) {
    return compareDecimals(decimal, decimalFromInteger(readInt64(buffer, start)));
  }
  return compareDecimals(decimal, exactDecimal(other));
}

function compareInt64(a: Buffer, aStart: number, b: Buffer, bStart: number): number {
  const aHigh = readInt32(a, aStart + 4);
  const bHigh = readInt32(b, bStart + 4);
  if (aHigh !== bHigh) return aHigh < bHigh ? -1 : 1;
  return readUint32(a, aStart) - readUint32(b, bStart);
}

function compareUint64(a: Buffer, aStart: number, b: Buffer, bStart: number): number {
  const high = readUint32(a, aStart + 4) - readUint32(b, bStart + 4);
  return high !== 0 ? high : readUint32(a, aStart) - readUint32(b, bStart);
}

/** Length, then subtype, then bytes. */
function compareBinaries(a: Buffer, aStart: number, b: Buffer, bStart: number): number {
  const aLength = readInt32(a, aStart);
  const bLength = readInt32(b, bStart);
  if (aLength !== bLength) return aLength - bLength;
  return compareBytes(a, aStart + 4, aStart + 5 + aLength, b, bStart + 4, bStart + 5 + bLength);
}

function compareRegexes(a: Buffer, aStart: number, b: Buffer, bStart: number): number {
  const aEnd = cstringEnd(a, aStart);
  const bEnd = cstringEnd(b, bStart);
  const patterns = compareBytes(a, aStart, aEnd, b, bStart, bEnd);
  if (patterns !== 0) return patterns;
  const aOptionsEnd = cstringEnd(a, aEnd + 1);
  return compareBytes(a, aEnd + 1, aOptionsEnd, b, bEnd + 1, cstringEnd(b, bEnd + 1));
}

/** Length first, then bytes. */
function compareDbPointers(a: Buffer, aStart: number, b: Buffer, bStart: number): number {
  const aLength = readInt32(a, aStart);
  const bLength = readInt32(b, bStart);
  if (aLength !== bLength) return aLength - bLength;
  return compareBytes(a, aStart + 4, aStart + 16 + aLength, b, bStart + 4, bStart + 16 + bLength);
}

function compareCodeWithScope(a: Buffer, aStart: number, b: Buffer, bStart: number): number {
  const codes = compareStrings(a, aStart + 4, b, bStart + 4);
  if (codes !== 0) return codes;
  const aScope = aStart + 8 + readInt32(a, aStart + 4);
  return compareDocuments(a, aScope, b, bStart + 8 + readInt32(b, bStart + 4));
}
