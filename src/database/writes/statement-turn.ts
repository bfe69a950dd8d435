/**
 * Ordered statements whose write bodies are queued together, so that they share flushes: each body
 * runs only when every statement before it is finished. A statement that fails, or that needs another
 * body, keeps its turn, and the bodies queued behind it leave nothing.
 */

/** What a body answers whose turn has not come. Never seen by a client. */
export class NotItsTurn extends Error {}

/** One statement's place: asked first and told last in each of its bodies. */
export interface StatementPlace {
  /** Throws `NotItsTurn` when a statement before this one is not finished. */
  begin(): void;
  /** The statement is done and has not failed: the next one may begin. */
  finish(): void;
}

/** The places of statements `first`, `first + 1` ... */
export class StatementTurns {
  #next: number;

  constructor(first: number) {
    this.#next = first;
  }

  place(statement: number): StatementPlace {
    return {
      begin: () => {
        if (this.#next !== statement) throw new NotItsTurn();
      },
      finish: () => {
        this.#next = statement + 1;
      },
    };
  }
}
