import { borrowChunk, returnChunk } from '../bson/index.ts';

/**
 * Copies of documents, one behind the other in large chunks: one allocation for many documents, and
 * a stored document is (chunk, start, end). Chunks are never moved, and not written again before
 * `release`.
 */
export class DocumentArena {
  readonly #chunks: Buffer[] = [];
  #used = 0;
  /** The chunk of the document copied last. */
  chunk: Buffer;
  /** Where the document copied last starts in `chunk`. */
  start = 0;
  /** Bytes of all documents copied. */
  bytes = 0;

  constructor() {
    this.chunk = this.#grow(0);
  }

  /** Copies `buffer[start, end)`; afterwards `chunk` and `start` say where it is. */
  copy(buffer: Buffer, start: number, end: number): void {
    const length = end - start;
    if (this.#used + length > this.chunk.length) {
      this.chunk = this.#grow(length);
      this.#used = 0;
    }
    buffer.copy(this.chunk, this.#used, start, end);
    this.start = this.#used;
    this.#used += length;
    this.bytes += length;
  }

  /** Nobody looks at the documents any more; the arena takes no further ones. */
  release(): void {
    for (const chunk of this.#chunks.splice(0)) returnChunk(chunk);
  }

  #grow(bytes: number): Buffer {
    const chunk = borrowChunk(this.#chunks.length, bytes);
    this.#chunks.push(chunk);
    return chunk;
  }
}
