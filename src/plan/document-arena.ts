/**
 * Copies of documents, one behind the other in large chunks: one allocation for many documents, and
 * a stored document is (chunk, start, end). Chunks are never moved or reused.
 */
export class DocumentArena {
  readonly #chunkBytes: number;
  #used = 0;
  /** The chunk of the document copied last. */
  chunk: Buffer;
  /** Where the document copied last starts in `chunk`. */
  start = 0;
  /** Bytes of all documents copied. */
  bytes = 0;

  constructor(firstChunkBytes = 16 * 1024, chunkBytes = 1024 * 1024) {
    this.#chunkBytes = chunkBytes;
    this.chunk = Buffer.allocUnsafeSlow(firstChunkBytes);
  }

  /** Copies `buffer[start, end)`; afterwards `chunk` and `start` say where it is. */
  copy(buffer: Buffer, start: number, end: number): void {
    const length = end - start;
    if (this.#used + length > this.chunk.length) {
      const next = Math.min(this.#chunkBytes, this.chunk.length * 4);
      this.chunk = Buffer.allocUnsafeSlow(Math.max(next, length));
      this.#used = 0;
    }
    buffer.copy(this.chunk, this.#used, start, end);
    this.start = this.#used;
    this.#used += length;
    this.bytes += length;
  }
}
