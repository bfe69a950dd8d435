import { type Decimal, type RawValue, toDecimal } from '../../bson/index.ts';

/** Whether `value` divided by `divisor` leaves nothing; a double counts with 15 digits, as MongoDB reads it. */
export function isMultiple(value: RawValue, divisor: RawValue): boolean {
  const a = toDecimal(value);
  const b = toDecimal(divisor);
  if (a.kind !== 'finite' || b.kind !== 'finite' || b.coefficient === 0n) return false;
  const exponent = Math.min(a.exponent, b.exponent);
  return scaled(a, exponent) % scaled(b, exponent) === 0n;
}

function scaled({ coefficient, exponent }: Decimal, to: number): bigint {
  return coefficient * 10n ** BigInt(exponent - to);
}
