/** How the length of a row of common weights is written: from below, in the middle, from above. */
interface Runs {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
  readonly most: number;
}

/** Bytes of one level of a sort key, in space that grows and is used again. */
export class WeightBytes {
  bytes = Buffer.allocUnsafeSlow(256);
  length = 0;

  clear(): void {
    this.length = 0;
  }

  byte(value: number): void {
    if (this.length === this.bytes.length) this.#grow(1);
    this.bytes[this.length++] = value;
  }

  /** The bytes of a primary behind its lead byte, up to the last that is not 0. */
  tail(primary: number): void {
    const second = (primary >>> 16) & 0xff;
    if (second === 0) return;
    this.byte(second);
    const third = (primary >>> 8) & 0xff;
    if (third === 0) return;
    this.byte(third);
    const fourth = primary & 0xff;
    if (fourth !== 0) this.byte(fourth);
  }

  /** One or two bytes. */
  weight(value: number): void {
    this.byte(value >>> 8);
    if ((value & 0xff) !== 0) this.byte(value & 0xff);
  }

  reversedWeight(value: number): void {
    if ((value & 0xff) !== 0) this.byte(value & 0xff);
    this.byte(value >>> 8);
  }

  /** A row of `length` common weights before a weight that is below or above the common one. */
  run(length: number, isBelow: boolean, { low, middle, high, most }: Runs): void {
    if (length === 0) return;
    let left = length - 1;
    for (; left >= most; left -= most) this.byte(middle);
    this.byte(isBelow ? low + left : high - left);
  }

  /** Turns the bytes from `start` on around. */
  reverse(start: number): void {
    this.bytes.subarray(start, this.length).reverse();
  }

  append(other: WeightBytes, length: number): void {
    this.appendBytes(other.bytes, 0, length);
  }

  appendBytes(bytes: Uint8Array, start: number, end: number): void {
    const count = end - start;
    if (this.length + count > this.bytes.length) this.#grow(count);
    this.bytes.set(bytes.subarray(start, end), this.length);
    this.length += count;
  }

  /** Two high nibbles to a byte. */
  appendNibbles(other: WeightBytes, length: number): void {
    for (let at = 0; at < length; at += 2) {
      const second = at + 1 < length ? other.bytes[at + 1]! >> 4 : 0;
      this.byte(other.bytes[at]! | second);
    }
  }

  #grow(needed: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.length + needed));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }
}
