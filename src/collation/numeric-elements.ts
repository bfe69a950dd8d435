/**
 * Numbers in text under `numericOrdering`: a row of decimal digits sorts by its value. Its elements are
 * ICU's: a lead byte of their own, then a byte that rises with the number of digits.
 */
import type { ElementList } from './collation-elements.ts';
import { commonWeights } from './weight-table.ts';

/** Longer rows of digits are cut into numbers of so many. */
const maxDigits = 254;

/** Numbers of two, three and four bytes: so many values of the second byte stand for each. */
const twoByteCount = 74;
const threeByteCount = 40;
const fourByteCount = 16;
const firstSecondByte = 2;
/** The second byte of numbers with four pairs of digits; one more for each pair. */
const fourPairs = 132;

/** Appends the elements of a row of digits (0 to 9). */
export function appendNumber(digits: readonly number[], lead: number, into: ElementList): void {
  let at = 0;
  do {
    while (at < digits.length - 1 && digits[at] === 0) at++;
    const end = Math.min(at + maxDigits, digits.length);
    appendSegment(digits.slice(at, end), lead * 0x1000000, into);
    at = end;
  } while (at < digits.length);
}

function appendSegment(digits: readonly number[], lead: number, into: ElementList): void {
  if (digits.length <= 7) {
    const primary = smallNumber(Number(digits.join('')), lead);
    if (primary !== undefined) {
      into.add(primary, commonWeights);
      return;
    }
  }
  // Pairs of digits, those that are 00 at the end left out; the last one is one less than it would be.
  const second = fourPairs - 4 + Math.ceil(digits.length / 2);
  let length = digits.length;
  while (digits[length - 1] === 0 && digits[length - 2] === 0) length -= 2;
  const pairs: number[] = [];
  let at = length % 2;
  if (at === 1) pairs.push(11 + 2 * digits[0]!);
  for (; at < length; at += 2) pairs.push(11 + 2 * (digits[at]! * 10 + digits[at + 1]!));
  pairs[pairs.length - 1]!--;
  let primary = lead + second * 0x10000;
  let shift = 8;
  for (const pair of pairs) {
    primary += pair * 2 ** shift;
    if (shift === 0) {
      into.add(primary, commonWeights);
      primary = lead;
      shift = 16;
    } else shift -= 8;
  }
  if (primary !== lead) into.add(primary, commonWeights);
}

/** The primary of a number that needs no pairs of digits. */
function smallNumber(number: number, lead: number): number | undefined {
  let value = number;
  let second = firstSecondByte;
  if (value < twoByteCount) return lead + (second + value) * 0x10000;
  value -= twoByteCount;
  second += twoByteCount;
  if (value < threeByteCount * 254) {
    return lead + (second + Math.floor(value / 254)) * 0x10000 + (2 + (value % 254)) * 0x100;
  }
  value -= threeByteCount * 254;
  second += threeByteCount;
  if (value >= fourByteCount * 254 * 254) return undefined;
  return (
    lead +
    (second + Math.floor(value / (254 * 254))) * 0x10000 +
    (2 + (Math.floor(value / 254) % 254)) * 0x100 +
    (2 + (value % 254))
  );
}
