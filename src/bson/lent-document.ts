import type { DocumentWriter } from './document-writer.ts';

/**
 * A document in its writer's own buffer, to be encoded once: then the writer has its room again.
 */
export class LentDocument {
  readonly owner: DocumentWriter;
  #bytes: Buffer | undefined;

  /** Takes what the writer has written. */
  constructor(owner: DocumentWriter) {
    this.owner = owner;
    this.#bytes = owner.finishInPlace();
  }

  /** The bytes, for the one encoding. */
  take(): Buffer {
    const bytes = this.#bytes;
    if (bytes === undefined) throw new Error('a lent document can be encoded once');
    this.#bytes = undefined;
    return bytes;
  }
}
