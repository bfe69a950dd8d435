import { BsonType, type RawValue } from './bson-type.ts';
import { borrowChunk, returnChunk } from './chunk-pool.ts';

/**
 * Documents on their way into a reply, already as the elements of the array they will be: each is copied
 * once out of the storage's buffer, and all together once more into the reply.
 *
 * They lie in chunks of memory that is used again: good until the array was encoded, which is once.
 */
export class RawArray {
  readonly #chunks: Buffer[] = [];
  /** How much of each chunk before the last is filled. */
  readonly #filled: number[] = [];
  #chunk: Buffer | undefined;
  #used = 0;
  #byteLength = 5;
  #length = 0;

  /** Adds a copy of the document at [start, end) of the buffer. */
  push(buffer: Buffer, start: number, end: number): void {
    const headLength = 2 + decimalDigits(this.#length);
    const elementLength = headLength + end - start;
    let chunk = this.#chunk;
    if (chunk === undefined || this.#used + elementLength > chunk.length) {
      chunk = this.#grow(elementLength);
    }
    const head = this.#used;
    const at = head + headLength;
    // A view of the very range costs more than bytes in front of it that the head is written over.
    if (start <= headLength && end === buffer.length) chunk.set(buffer, at - start);
    else buffer.copy(chunk, at, start, end);
    chunk[head] = BsonType.object;
    let rest = this.#length;
    for (let digit = at - 2; digit > head; digit--) {
      chunk[digit] = 48 + (rest % 10);
      rest = Math.floor(rest / 10);
    }
    chunk[at - 1] = 0;
    this.#used += elementLength;
    this.#byteLength += elementLength;
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

  /** Shows `visit` where the elements are, piece by piece: [0, end) of each chunk. */
  forEachChunk(visit: (chunk: Buffer, end: number) => void): void {
    for (const [i, chunk] of this.#chunks.entries()) visit(chunk, this.#filled[i] ?? this.#used);
  }

  /** The documents, where they lie. */
  documents(): RawValue[] {
    const found: RawValue[] = [];
    this.forEachChunk((chunk, end) => {
      for (let at = 0; at < end; ) {
        const start = chunk.indexOf(0, at + 1) + 1;
        at = start + chunk.readInt32LE(start);
        found.push({ buffer: chunk, type: BsonType.object, start, end: at });
      }
    });
    return found;
  }

  /** Its memory may be written again. */
  release(): void {
    for (const chunk of this.#chunks.splice(0)) returnChunk(chunk);
    this.#chunk = undefined;
  }

  #grow(bytes: number): Buffer {
    if (this.#chunk !== undefined) this.#filled.push(this.#used);
    const chunk = borrowChunk(this.#chunks.length, bytes);
    this.#chunks.push(chunk);
    this.#chunk = chunk;
    this.#used = 0;
    return chunk;
  }
}

/** How many digits an array index has. */
function decimalDigits(index: number): number {
  let digits = 1;
  for (let rest = index; rest >= 10; rest = Math.floor(rest / 10)) digits++;
  return digits;
}
