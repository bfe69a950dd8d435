/**
 * A list of documents as byte ranges, for `encodeDocument`: a reply's batch goes from the storage
 * buffer into the reply with one copy. It borrows the buffers until it is encoded, which is once if it
 * has a `release`.
 */
export class RawArray {
  readonly buffers: Buffer[] = [];
  /** start and end of each document, alternately. */
  readonly ranges: number[] = [];
  /** Called when the array was encoded: its buffers may be written again. */
  release: (() => void) | undefined = undefined;
  #byteLength = 5;
  #length = 0;

  /** Adds the document at [start, end) of the buffer. */
  push(buffer: Buffer, start: number, end: number): void {
    this.buffers.push(buffer);
    this.ranges.push(start, end);
    this.#byteLength += 2 + decimalDigits(this.#length) + end - start;
    this.#length++;
  }

  /** How many bytes the array takes as a BSON value. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /** The number of documents. */
  get length(): number {
    return this.#length;
  }
}

/** How many digits an array index has. */
function decimalDigits(index: number): number {
  let digits = 1;
  for (let rest = index; rest >= 10; rest = Math.floor(rest / 10)) digits++;
  return digits;
}
