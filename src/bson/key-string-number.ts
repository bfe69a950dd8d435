/**
 * Numbers in key strings. All four types form one exact sequence:
 *
 * lead byte (NaN, negative, zero, positive), then for x other than 0 the magnitude: d, the largest
 * double at or below |x|, as the 63 bits of its exponent and fraction in groups of 7, each with a low
 * bit that says whether more follows; groups of only zeros at the end are left out, so small
 * integers take 3 bytes in all. Where |x| is not d itself (integers beyond 2^53, most decimals) all
 * nine groups say "more", and |x| follows as a decimal exponent (2 bytes) and 34 digits (15 bytes): among
 * numbers with the same d that orders exactly, and it sorts after d. Magnitudes of negative numbers are
 * complemented.
 */
import { BsonType } from './bson-type.ts';
import {
  compareDecimals,
  type Decimal,
  decimalBytes,
  decimalFromInteger,
  decimalToDouble,
  digitCount,
  exactDecimal,
  minExponent,
  powerOfTen,
  readDecimal,
} from './decimal.ts';
import type { DocumentWriter } from './document-writer.ts';
import { lead } from './key-string-lead.ts';
import { readDouble, readInt32, readInt64, readInt64AsNumber } from './little-endian.ts';

/** Where the bytes go: a KeyStringWriter. */
export interface NumberSink {
  readonly length: number;
  byte(value: number): void;
  typeBit(value: number): void;
  complement(from: number): void;
}

/** Type bits of a number; int32 is 0, so that keys of them need none. */
const bitsInt = 0;
const bitsLong = 1;
const bitsDouble = 2;
/** Followed by two bytes: biased exponent * 2 + (1 if negative). */
const bitsDecimal = 3;
const bitsNegativeZero = 4;

const scratch = new Float64Array(1);
const scratchInts = new Int32Array(scratch.buffer);

export function writeNumberKey(
  sink: NumberSink,
  buffer: Buffer,
  type: number,
  start: number,
): void {
  switch (type) {
    case BsonType.int:
      sink.typeBit(bitsInt);
      writeDouble(sink, readInt32(buffer, start));
      return;
    case BsonType.double: {
      const value = readDouble(buffer, start);
      sink.typeBit(Object.is(value, -0) ? bitsNegativeZero : bitsDouble);
      writeDouble(sink, value);
      return;
    }
    case BsonType.long: {
      sink.typeBit(bitsLong);
      const value = readInt64AsNumber(buffer, start);
      if (Math.abs(value) < 2 ** 53) writeDouble(sink, value);
      else writeExact(sink, decimalFromInteger(readInt64(buffer, start)));
      return;
    }
    default: {
      const decimal = readDecimal(buffer, start);
      const exponent = (decimal.exponent - minExponent) * 2 + Number(decimal.negative);
      sink.typeBit(bitsDecimal);
      sink.typeBit(exponent >> 8);
      sink.typeBit(exponent & 0xff);
      writeExact(sink, decimal);
    }
  }
}

function writeDouble(sink: NumberSink, value: number): void {
  if (value > 0) {
    sink.byte(lead.positive);
    writeMagnitude(sink, value, undefined);
  } else if (value < 0) {
    sink.byte(lead.negative);
    const from = sink.length;
    writeMagnitude(sink, -value, undefined);
    sink.complement(from);
  } else {
    sink.byte(value === 0 ? lead.zero : lead.nan);
  }
}

function writeExact(sink: NumberSink, decimal: Decimal): void {
  if (decimal.kind !== 'finite' || decimal.coefficient === 0n) {
    writeDouble(sink, decimalToDouble(decimal));
    return;
  }
  const magnitude = decimal.negative ? { ...decimal, negative: false } : decimal;
  let floor = decimalToDouble(magnitude);
  const order = compareDecimals(magnitude, exactDecimal(floor));
  if (order < 0) floor = nextBelow(floor);
  sink.byte(decimal.negative ? lead.negative : lead.positive);
  const from = sink.length;
  writeMagnitude(sink, floor, order === 0 ? undefined : magnitude);
  if (decimal.negative) sink.complement(from);
}

/** The double before a positive one. */
function nextBelow(value: number): number {
  scratch[0] = value;
  if (scratchInts[0] === 0) scratchInts[1]!--;
  scratchInts[0]!--;
  return scratch[0]!;
}

function writeMagnitude(sink: NumberSink, floor: number, exact: Decimal | undefined): void {
  scratch[0] = floor;
  const low = scratchInts[0]!;
  const high = scratchInts[1]!;
  const more = exact === undefined ? 0 : 1;
  // 31 bits of `high` (no sign) and 32 of `low`, seven at a time; `rest` holds what is still to come.
  let rest = (high & 0xffffff) | low | more;
  sink.byte((high >>> 24) * 2 + Number(rest !== 0));
  for (let shift = 17; rest !== 0 && shift >= 3; shift -= 7) {
    rest = (high & ((1 << shift) - 1)) | low | more;
    sink.byte(((high >>> shift) & 127) * 2 + Number(rest !== 0));
  }
  if (rest === 0) return;
  rest = (low & 0xfffffff) | more;
  sink.byte((((high & 7) << 4) | (low >>> 28)) * 2 + Number(rest !== 0));
  for (let shift = 21; rest !== 0 && shift >= 0; shift -= 7) {
    rest = (low & ((1 << shift) - 1)) | more;
    sink.byte(((low >>> shift) & 127) * 2 + Number(rest !== 0));
  }
  if (exact !== undefined) writeDigits(sink, exact);
}

const digitsKept = 34;
/** Makes the exponent of the first digit positive. */
const headBias = 6500;

function writeDigits(sink: NumberSink, exact: Decimal): void {
  const digits = digitCount(exact.coefficient);
  const head = exact.exponent + digits + headBias;
  sink.byte(head >> 8);
  sink.byte(head & 0xff);
  const coefficient = exact.coefficient * powerOfTen(digitsKept - digits);
  for (let shift = 112n; shift >= 0n; shift -= 8n)
    sink.byte(Number((coefficient >> shift) & 0xffn));
}

/** Where the bytes come from: a KeyStringReader. */
export interface NumberSource {
  byte(): number;
  typeBit(): number;
  /** Reads complements from here on, or no longer. */
  complement(): void;
}

/** Appends the number whose lead byte was just read to the document that is open in the writer. */
export function readNumberKey(
  source: NumberSource,
  leadByte: number,
  writer: DocumentWriter,
  name: string,
): void {
  const negative = leadByte === lead.negative;
  let floor = leadByte === lead.nan ? Number.NaN : 0;
  let exact: Decimal | undefined;
  if (negative || leadByte === lead.positive) {
    if (negative) source.complement();
    const more = readMagnitude(source);
    floor = scratch[0]!;
    if (more) exact = readDigits(source);
    if (negative) source.complement();
  }
  switch (source.typeBit()) {
    case bitsInt:
      writer.int32(name, negative ? -floor : floor);
      return;
    case bitsLong: {
      const magnitude = exact === undefined ? BigInt(floor) : rescale(exact, 0);
      writer.int64(name, negative ? -magnitude : magnitude);
      return;
    }
    case bitsDouble:
      writer.double(name, negative ? -floor : floor);
      return;
    case bitsDecimal: {
      const bits = source.typeBit() * 256 + source.typeBit();
      writer.decimal(name, decimalBytes(restore(floor, exact, bits)));
      return;
    }
    default:
      writer.double(name, -0);
  }
}

/** Leaves the double in `scratch`; true when digits follow. */
function readMagnitude(source: NumberSource): boolean {
  let high = 0;
  let low = 0;
  for (let group = 0; group < 9; group++) {
    const value = source.byte();
    const bits = value >> 1;
    if (group < 4) {
      high |= bits << (24 - 7 * group);
    } else if (group === 4) {
      high |= bits >> 4;
      low |= (bits & 15) << 28;
    } else {
      low |= bits << (56 - 7 * group);
    }
    if ((value & 1) === 0 || group === 8) {
      scratchInts[0] = low;
      scratchInts[1] = high;
      return (value & 1) === 1;
    }
  }
  return false;
}

function readDigits(source: NumberSource): Decimal {
  const head = source.byte() * 256 + source.byte() - headBias;
  let coefficient = 0n;
  for (let i = 0; i < 15; i++) coefficient = (coefficient << 8n) | BigInt(source.byte());
  return { kind: 'finite', negative: false, coefficient, exponent: head - digitsKept };
}

/** The coefficient of the same value with another exponent; exact where the caller knows it is. */
function rescale(decimal: Decimal, exponent: number): bigint {
  const shift = decimal.exponent - exponent;
  return shift >= 0
    ? decimal.coefficient * powerOfTen(shift)
    : decimal.coefficient / powerOfTen(-shift);
}

function restore(floor: number, exact: Decimal | undefined, bits: number): Decimal {
  if (exact === undefined && !Number.isFinite(floor)) {
    const kind = Number.isNaN(floor) ? 'nan' : 'infinite';
    return {
      kind,
      negative: kind === 'infinite' && (bits & 1) === 1,
      coefficient: 0n,
      exponent: 0,
    };
  }
  const exponent = (bits >> 1) + minExponent;
  const coefficient = rescale(exact ?? exactDecimal(floor), exponent);
  return { kind: 'finite', negative: (bits & 1) === 1, coefficient, exponent };
}
