/**
 * The record id each collection gives next, from memory: after the last record is deleted its id does not come
 * again. What a body that throws has taken is given back, so that the ids depend on what was written alone.
 */
export class NextRecordIds {
  readonly #next = new Map<number, number>();
  /** What the running body found, by the collections it changed. */
  readonly #before = new Map<number, number | undefined>();

  get(collectionId: number): number | undefined {
    return this.#next.get(collectionId);
  }

  set(collectionId: number, recordId: number): void {
    if (!this.#before.has(collectionId)) {
      this.#before.set(collectionId, this.#next.get(collectionId));
    }
    this.#next.set(collectionId, recordId);
  }

  /** A body begins; what the one before it took is taken. */
  begin(): void {
    this.#before.clear();
  }

  /** The body threw. */
  undo(): void {
    for (const [collectionId, recordId] of this.#before) {
      if (recordId === undefined) this.#next.delete(collectionId);
      else this.#next.set(collectionId, recordId);
    }
    this.#before.clear();
  }

  /** Records came from elsewhere: the next ids are read from the store. */
  clear(): void {
    this.#next.clear();
    this.#before.clear();
  }
}
