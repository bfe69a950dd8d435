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
  roundDecimal,
} from '../../bson/index.ts';
import { doubleValue, intValue, longValue, type MaybeValue, type Value } from '../value.ts';

/**
 * A sum of numbers of all types, as wide as the widest of them: int, long, double, decimal. Integers
 * are summed exactly, doubles with their lost low parts kept (as stock's DoubleDoubleSummation).
 */
export class NumberSum {
  #count = 0;
  #widest: 'int' | 'long' | 'double' | 'decimal' = 'int';
  /** Integers while they are exact as a number; the rest goes into `#big`. */
  #small = 0;
  #big = 0n;
  #double = 0;
  #lost = 0;
  #decimal: Decimal | undefined;
  readonly #hasExactLongs: boolean;

  /** An average outside `$group` reads longs as doubles, as stock's does; others keep them exact. */
  constructor(longs: 'exact' | 'double' = 'exact') {
    this.#hasExactLongs = longs === 'exact';
  }

  /** Values that are no numbers do not count. */
  add(value: MaybeValue): void {
    if (value === undefined) return;
    switch (value.type) {
      case BsonType.int:
        this.#addSmall(readInt32(value.buffer, value.start));
        break;
      case BsonType.long:
        if (this.#widest === 'int') this.#widest = 'long';
        if (this.#hasExactLongs) this.#big += readInt64(value.buffer, value.start);
        else this.#addDouble(Number(readInt64(value.buffer, value.start)));
        break;
      case BsonType.double:
        if (this.#widest !== 'decimal') this.#widest = 'double';
        this.#addDouble(readDouble(value.buffer, value.start));
        break;
      case BsonType.decimal: {
        this.#widest = 'decimal';
        const decimal = readDecimal(value.buffer, value.start);
        this.#decimal = this.#decimal === undefined ? decimal : addDecimals(this.#decimal, decimal);
        break;
      }
      default:
        return;
    }
    this.#count++;
  }

  result(): Value {
    const integers = this.#big + BigInt(this.#small);
    switch (this.#widest) {
      case 'decimal':
        return decimalValue(this.#asDecimal(integers));
      case 'double':
        return doubleValue(this.#asDouble(integers));
      default:
        if (this.#widest === 'int' && BigInt.asIntN(32, integers) === integers) {
          return intValue(Number(integers));
        }
        return BigInt.asIntN(64, integers) === integers
          ? longValue(integers)
          : doubleValue(Number(integers));
    }
  }

  average(): Value | undefined {
    if (this.#count === 0) return undefined;
    const integers = this.#big + BigInt(this.#small);
    if (this.#widest === 'decimal') {
      const count = decimalFromInteger(BigInt(this.#count));
      return decimalValue(divideDecimals(this.#asDecimal(integers), count));
    }
    return doubleValue(this.#asDouble(integers) / this.#count);
  }

  #addSmall(value: number): void {
    this.#small += value;
    if (this.#small > 2 ** 52 || this.#small < -(2 ** 52)) {
      this.#big += BigInt(this.#small);
      this.#small = 0;
    }
  }

  /** Knuth's two-sum: what the addition rounds away is kept. */
  #addDouble(value: number): void {
    const sum = this.#double + value;
    if (Number.isFinite(sum)) {
      const part = sum - this.#double;
      this.#lost += this.#double - (sum - part) + (value - part);
    }
    this.#double = sum;
  }

  #asDouble(integers: bigint): number {
    if (integers === 0n) return this.#lost === 0 ? this.#double : this.#double + this.#lost;
    const copy = new NumberSum();
    copy.#double = this.#double;
    copy.#lost = this.#lost;
    const head = Number(integers);
    copy.#addDouble(head);
    copy.#addDouble(Number(integers - BigInt(head)));
    return copy.#double + copy.#lost;
  }

  /** The others are added to the decimals, so that a zero among them is the least exact one. */
  #asDecimal(integers: bigint): Decimal {
    if (this.#decimal!.kind === 'nan') return this.#decimal!;
    const double = addDecimals(precise(this.#double), precise(this.#lost));
    return addDecimals(addDecimals(decimalFromInteger(integers), double), this.#decimal!);
  }
}

/** A double with all its digits, 34 at most. */
function precise(value: number): Decimal {
  const decimal = exactDecimal(value);
  if (decimal.kind !== 'finite') return decimal;
  return roundDecimal(decimal.negative, decimal.coefficient, decimal.exponent);
}
