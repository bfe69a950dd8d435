/** Numbers read from text, and integers of other numbers: exact or refused (241). */
import {
  BsonType,
  decimalValue,
  decodeValue,
  readDouble,
  roundDecimal,
  toNumber,
  truncateToInteger,
} from '../bson/index.ts';
import type { MongoServerError } from '../errors/index.ts';
import { doubleText } from './coerce.ts';
import { conversionFailure } from './conversion-failure.ts';
import { doubleValue, intValue, longValue, textOf, type Value } from './value.ts';

const noOnError = 'in $convert with no onError value';

function parseFailure(text: string, reason: string): MongoServerError {
  return conversionFailure(`Failed to parse number '${text}' ${noOnError}: ${reason}`);
}

function overflow(shown: string): MongoServerError {
  return conversionFailure(`Conversion would overflow target type ${noOnError}: ${shown}`);
}

/** How messages show a number that does not fit. */
function numberText(value: Value): string {
  if (value.type === BsonType.long) return '';
  return value.type === BsonType.double
    ? doubleText(readDouble(value.buffer, value.start))
    : String(decodeValue(value));
}

/** Cut to a whole number that fits into so many bits. */
export function integerOfNumber(value: Value, bits: 32 | 64): bigint {
  const whole = truncateToInteger(value);
  if (whole === undefined) {
    const kind = Number.isNaN(toNumber(value.buffer, value.type, value.start)) ? 'NaN' : 'infinity';
    throw conversionFailure(`Attempt to convert ${kind} value to integer type ${noOnError}`);
  }
  if (BigInt.asIntN(bits, whole) !== whole) throw overflow(numberText(value));
  return whole;
}

export function integerValue(whole: bigint, bits: 32 | 64): Value {
  return bits === 32 ? intValue(Number(whole)) : longValue(whole);
}

function textOfNumber(value: Value): string {
  const text = textOf(value);
  if (text.startsWith('0x')) {
    throw conversionFailure(`Illegal hexadecimal input ${noOnError}: ${text}`);
  }
  if (text === '') throw parseFailure(text, 'Empty string');
  return text;
}

export function integerOfText(value: Value, bits: 32 | 64): Value {
  const text = textOfNumber(value);
  const digits = text.replace(/^[+-]/, '');
  if (digits === '') throw parseFailure(text, 'No digits');
  if (!/^\d+$/.test(digits)) throw parseFailure(text, 'Did not consume whole string.');
  const magnitude = BigInt(digits);
  const whole = text.startsWith('-') ? -magnitude : magnitude;
  if (BigInt.asIntN(bits, whole) !== whole) throw parseFailure(text, 'Overflow');
  return integerValue(whole, bits);
}

const hexadecimal = /^([+-]?)0x([0-9a-f]*)\.?([0-9a-f]*)(?:p([+-]?\d+))?$/i;

/** What the C library's `strtod` reads. */
export function doubleOfText(value: Value): Value {
  const text = textOfNumber(value);
  if (/^\s/.test(text)) throw parseFailure(text, 'Leading whitespace');
  if (/^[+-]?(?:inf|infinity|nan)$/i.test(text)) {
    const magnitude = /nan/i.test(text) ? Number.NaN : Number.POSITIVE_INFINITY;
    return doubleValue(text.startsWith('-') ? -magnitude : magnitude);
  }
  const hex = hexadecimal.exec(text);
  if (hex !== null && `${hex[2]}${hex[3]}` !== '') return doubleValue(hexadecimalNumber(hex));
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) {
    const isAnyDigit = /^[+-]?\.?\d/.test(text);
    throw parseFailure(
      text,
      isAnyDigit ? 'Did not consume whole string.' : 'Did not consume any digits',
    );
  }
  const number = Number(text);
  const isZero = /^[+-]?[0.]*(?:e|$)/i.test(text);
  if (!Number.isFinite(number) || (number === 0 && !isZero)) {
    throw parseFailure(text, 'Out of range');
  }
  return doubleValue(number);
}

function hexadecimalNumber([, sign, whole, fraction, exponent = '0']: RegExpExecArray): number {
  const magnitude = Number(BigInt(`0x${whole}${fraction}`));
  const scaled = magnitude * 2 ** (Number(exponent) - 4 * fraction!.length);
  return sign === '-' ? -scaled : scaled;
}

export function doubleOfNumber(value: Value): Value {
  if (value.type === BsonType.double) return value;
  const number = toNumber(value.buffer, value.type, value.start);
  if (value.type !== BsonType.decimal) return doubleValue(number);
  const text = String(decodeValue(value));
  const isZero = /^-?[0.]+(?:E|$)/.test(text);
  const isNumeral = !/^-?(?:Infinity|NaN)$/.test(text);
  if (isNumeral && (!Number.isFinite(number) || (number === 0 && !isZero))) throw overflow(text);
  return doubleValue(number);
}

const decimalPattern = /^([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i;
/** More digits than a decimal has: of the rest it is enough to know whether there is any. */
const digitsRead = 60;

/** Rounded to 34 digits; larger or smaller than decimals are it is refused. */
export function decimalOfText(value: Value): Value {
  const text = textOfNumber(value);
  const named = /^([+-]?)(?:(inf(?:inity)?)|nan)$/i.exec(text);
  if (named !== null) {
    const kind = named[2] === undefined ? 'nan' : 'infinite';
    return decimalValue({ kind, negative: named[1] === '-', coefficient: 0n, exponent: 0 });
  }
  const found = decimalPattern.exec(text);
  const [, sign, whole = '', fraction = '', exponent = '0'] = found ?? [];
  if (whole === '' && fraction === '') {
    throw parseFailure(text, 'Failed to parse string to decimal');
  }
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const rest = digits.slice(digitsRead);
  const kept = /[1-9]/.test(rest)
    ? `${digits.slice(0, digitsRead - 1)}1`
    : digits.slice(0, digitsRead);
  // Beyond these bounds every exponent means the same.
  const power = Math.max(-1e9, Math.min(1e9, Number(exponent)));
  const coefficient = BigInt(kept === '' ? '0' : kept);
  const scale = power - fraction.length + rest.length;
  const decimal = roundDecimal(sign === '-', coefficient, scale);
  if (decimal.kind !== 'finite') {
    throw parseFailure(text, 'Conversion from string to decimal would overflow');
  }
  if (decimal.coefficient === 0n && coefficient !== 0n) {
    throw parseFailure(text, 'Conversion from string to decimal would underflow');
  }
  return decimalValue(decimal);
}
