import { RawArray } from '../../bson/index.ts';

/** Asked for the next documents of a cursor. */
export interface BatchRequest {
  readonly maxDocuments: number;
  readonly maxBytes?: number;
  readonly interrupt?: { check(): void };
}

export interface DocumentBatch {
  readonly documents: RawArray;
  readonly isExhausted: boolean;
}

/** Where a cursor's documents come from. */
export interface BatchSource {
  nextBatch(request: BatchRequest): DocumentBatch | Promise<DocumentBatch>;
  close(): void;
}

/** Documents that are there already: lists of collections, indexes and the like. */
export class ListSource implements BatchSource {
  readonly #documents: readonly Buffer[];
  #next = 0;

  constructor(documents: readonly Buffer[]) {
    this.#documents = documents;
  }

  nextBatch({ maxDocuments, maxBytes = 16 * 1024 * 1024 }: BatchRequest): DocumentBatch {
    const documents = new RawArray();
    while (this.#next < this.#documents.length && documents.length < maxDocuments) {
      const document = this.#documents[this.#next] as Buffer;
      if (documents.length > 0 && documents.byteLength + document.length > maxBytes) break;
      documents.push(document, 0, document.length);
      this.#next += 1;
    }
    return { documents, isExhausted: this.#next >= this.#documents.length };
  }

  close(): void {
    this.#next = this.#documents.length;
  }
}
