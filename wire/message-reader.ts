/**
 * A byte stream in, whole messages out.
 *
 * A message that lies in one chunk is handed out as a range of it, without a copy. One that spans
 * chunks is gathered in a buffer that grows with what has arrived, at most doubling: a sender that
 * announces 48 MB and sends nothing costs nothing, and every byte is copied at most twice.
 */
import { headerLength, opcodes } from './header.ts';
import { maxMessageSizeBytes } from './limits.ts';
import { WireError } from './wire-error.ts';

/** Up to this size the buffer of a message is allocated at once. */
const allocateAtOnce = 256 * 1024;

const knownOpcodes: ReadonlySet<number> = new Set(Object.values(opcodes));

const nothing = Buffer.alloc(0);

export class MessageReader {
  readonly #maxMessageLength: number;
  /** Whole chunk being cut, and how far it is. */
  #chunk: Buffer = nothing;
  #position = 0;
  /** A message, or a header, begun in an earlier chunk. */
  #partial: Buffer = nothing;
  #filled = 0;
  /** Length of the message in `partial`; 0 while its header is incomplete. */
  #expected = 0;

  constructor(maxMessageLength: number = maxMessageSizeBytes) {
    this.#maxMessageLength = maxMessageLength;
  }

  /** Bytes of an incomplete message held back. */
  get pendingBytes(): number {
    return this.#filled + (this.#chunk.length - this.#position);
  }

  /** Call `next` until it is empty before pushing again; the chunk must not change afterwards. */
  push(chunk: Buffer): void {
    if (this.#position < this.#chunk.length) {
      this.#chunk = Buffer.concat([this.#chunk.subarray(this.#position), chunk]);
    } else {
      this.#chunk = chunk;
    }
    this.#position = 0;
  }

  /** The next whole message, or undefined. Throws WireError for an impossible length. */
  next(): Buffer | undefined {
    if (this.#filled > 0) return this.#continue();
    const chunk = this.#chunk;
    const start = this.#position;
    const available = chunk.length - start;
    if (available >= 4) {
      const length = this.#checkLength(chunk.readInt32LE(start));
      if (available >= length) {
        this.#position = start + length;
        // Most chunks are one message; a view of its own would cost more than all of this.
        return start === 0 && available === length ? chunk : chunk.subarray(start, start + length);
      }
      this.#begin(length);
    } else if (available > 0) {
      this.#begin(0);
    }
    return undefined;
  }

  #begin(expected: number): void {
    const available = this.#chunk.length - this.#position;
    this.#expected = expected;
    this.#partial = Buffer.allocUnsafeSlow(
      Math.max(headerLength, expected <= allocateAtOnce ? expected : available * 2),
    );
    this.#take(available);
    this.#checkOpcode();
  }

  #continue(): Buffer | undefined {
    if (this.#expected === 0) {
      this.#take(Math.min(4 - this.#filled, this.#chunk.length - this.#position));
      if (this.#filled < 4) return undefined;
      this.#expected = this.#checkLength(this.#partial.readInt32LE(0));
    }
    const before = this.#filled;
    this.#take(Math.min(this.#expected - this.#filled, this.#chunk.length - this.#position));
    if (before < headerLength) this.#checkOpcode();
    if (this.#filled < this.#expected) return undefined;
    const message = this.#partial.subarray(0, this.#expected);
    this.#partial = nothing;
    this.#filled = 0;
    this.#expected = 0;
    return message;
  }

  /** Moves bytes of the chunk to `partial`, which grows as needed. */
  #take(count: number): void {
    const needed = this.#filled + count;
    if (needed > this.#partial.length) {
      const limit = this.#expected;
      const size = limit <= allocateAtOnce ? limit : Math.min(limit, needed * 2);
      const grown = Buffer.allocUnsafeSlow(Math.max(size, needed));
      this.#partial.copy(grown, 0, 0, this.#filled);
      this.#partial = grown;
    }
    this.#chunk.copy(this.#partial, this.#filled, this.#position, this.#position + count);
    this.#filled = needed;
    this.#position += count;
    if (this.#position === this.#chunk.length) {
      this.#chunk = nothing;
      this.#position = 0;
    }
  }

  /**
   * Before the rest of a message is awaited: what is no message of ours (a TLS hello has a
   * plausible length) must not be waited for.
   */
  #checkOpcode(): void {
    if (this.#filled < headerLength) return;
    const opcode = this.#partial.readInt32LE(12);
    if (!knownOpcodes.has(opcode)) {
      throw new WireError(`Unsupported opcode ${opcode}`, { closes: true });
    }
  }

  #checkLength(length: number): number {
    if (length < headerLength || length > this.#maxMessageLength) {
      throw new WireError(
        `recv(): message msgLen ${length} is invalid. Min ${headerLength} Max: ${this.#maxMessageLength}`,
        { closes: true },
      );
    }
    return length;
  }
}
