import {
  addDecimals,
  BsonType,
  type Decimal,
  decimalFromInteger,
  decimalValue,
  divideDecimals,
  exactDecimal,
  readDecimal,
  readDouble,
  readInt32,
  readInt64,
  subtractDecimals,
} from '../../../../bson/index.ts';
import {
  doubleValue,
  intValue,
  isNumber,
  longValue,
  type MaybeValue,
  nullValue,
  type Value,
} from '../../../../expressions/index.ts';
import type { WindowState } from '../window-function.ts';

const zero = decimalFromInteger(0n);

/** A sum of doubles with the low part that rounding loses. */
export class CompensatedSum {
  #high = 0;
  #low = 0;

  /** Knuth's two-sum. */
  add(value: number): void {
    const sum = this.#high + value;
    const part = sum - this.#high;
    this.#low += this.#high - (sum - part) + (value - part);
    this.#high = sum;
  }

  get value(): number {
    return this.#high + this.#low;
  }

  reset(): void {
    this.#high = 0;
    this.#low = 0;
  }
}

/**
 * A sum of numbers that may leave again: integers are exact, NaN and the infinities are counted, and the
 * type is that of the widest number still there, but for a long, which an int never takes over from.
 */
export class RemovableSum {
  /** Numbers there. */
  count = 0;
  #integers = 0n;
  #hasLongs = false;
  #doubles = 0;
  readonly #double = new CompensatedSum();
  #decimals = 0;
  #decimal: Decimal = zero;
  #nans = 0;
  #infinities = 0;
  #minusInfinities = 0;

  add(value: MaybeValue): void {
    this.#change(value, 1);
  }

  remove(value: MaybeValue): void {
    this.#change(value, -1);
  }

  #change(value: MaybeValue, by: 1 | -1): void {
    if (value === undefined || !isNumber(value)) return;
    const { buffer, type, start } = value;
    this.count += by;
    switch (type) {
      case BsonType.int:
        this.#integers += BigInt(by * readInt32(buffer, start));
        break;
      case BsonType.long:
        this.#hasLongs = true;
        this.#integers += BigInt(by) * readInt64(buffer, start);
        break;
      case BsonType.double: {
        this.#doubles += by;
        const number = readDouble(buffer, start);
        if (!this.#countSpecial(number, by)) this.#double.add(by * number);
        break;
      }
      default: {
        this.#decimals += by;
        const decimal = readDecimal(buffer, start);
        if (this.#countSpecial(specialOf(decimal), by)) break;
        this.#decimal =
          by === 1 ? addDecimals(this.#decimal, decimal) : subtractDecimals(this.#decimal, decimal);
      }
    }
    if (this.#doubles === 0) this.#double.reset();
    if (this.#decimals === 0) this.#decimal = zero;
  }

  #countSpecial(number: number, by: 1 | -1): boolean {
    if (Number.isNaN(number)) this.#nans += by;
    else if (number === Number.POSITIVE_INFINITY) this.#infinities += by;
    else if (number === Number.NEGATIVE_INFINITY) this.#minusInfinities += by;
    else return false;
    return true;
  }

  /** NaN or an infinity, when the sum is one. */
  get #special(): number | undefined {
    if (this.#nans > 0 || (this.#infinities > 0 && this.#minusInfinities > 0)) return Number.NaN;
    if (this.#infinities > 0) return Number.POSITIVE_INFINITY;
    return this.#minusInfinities > 0 ? Number.NEGATIVE_INFINITY : undefined;
  }

  /** Whether a decimal is there. */
  get isDecimal(): boolean {
    return this.#decimals > 0;
  }

  get asDecimal(): Decimal {
    const special = this.#special;
    if (special !== undefined) return exactDecimal(special);
    const doubles = addDecimals(
      decimalFromInteger(this.#integers),
      exactDecimal(this.#double.value),
    );
    return addDecimals(doubles, this.#decimal);
  }

  get asNumber(): number {
    return this.#special ?? this.#double.value + Number(this.#integers);
  }

  get value(): Value {
    if (this.#decimals > 0) return decimalValue(this.asDecimal);
    if (this.#doubles > 0) return doubleValue(this.asNumber);
    const whole = this.#integers;
    if (!this.#hasLongs && BigInt.asIntN(32, whole) === whole) return intValue(Number(whole));
    return BigInt.asIntN(64, whole) === whole ? longValue(whole) : doubleValue(Number(whole));
  }
}

/** NaN for a decimal that is none, an infinity for one, else 0. */
function specialOf(decimal: Decimal): number {
  if (decimal.kind === 'finite') return 0;
  if (decimal.kind === 'nan') return Number.NaN;
  return decimal.negative ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

export function startSum(): WindowState {
  const sum = new RemovableSum();
  return {
    heldBytes: 0,
    add: (value) => sum.add(value),
    remove: (value) => sum.remove(value),
    result: () => sum.value,
  };
}

export function startAverage(): WindowState {
  const sum = new RemovableSum();
  return {
    heldBytes: 0,
    add: (value) => sum.add(value),
    remove: (value) => sum.remove(value),
    result: () => averageOf(sum),
  };
}

/** Null of no numbers. */
export function averageOf(sum: RemovableSum): Value {
  if (sum.count === 0) return nullValue;
  if (!sum.isDecimal) return doubleValue(sum.asNumber / sum.count);
  return decimalValue(divideDecimals(sum.asDecimal, decimalFromInteger(BigInt(sum.count))));
}
