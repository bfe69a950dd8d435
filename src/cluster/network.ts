import type { LinkFaults } from '../replication/index.ts';

/**
 * The network between the members of an in-process set, with its faults: what is cut is neither
 * connected, sent nor received, in the direction it is cut. Connections of clients are not touched.
 */
export class MemberNetwork implements LinkFaults {
  readonly #cut = new Set<string>();
  readonly #cutKinds = new Set<string>();
  readonly #listeners = new Set<() => void>();

  /** `kind` is the kind of an Ark message, or `connect`, `pull`, `clone`. */
  isCut(from: string, to: string, kind?: string): boolean {
    return this.#cut.has(`${from}>${to}`) || this.#cutKinds.has(`${from}>${to} ${kind}`);
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Cuts both directions between hosts of different groups; hosts in no group are left alone. */
  partition(groups: readonly (readonly string[])[]): void {
    for (const group of groups) {
      for (const other of groups) {
        if (group === other) continue;
        for (const from of group) for (const to of other) this.#cut.add(`${from}>${to}`);
      }
    }
    this.#changed();
  }

  /** Cuts one direction of one link. */
  cut(from: string, to: string): void {
    this.#cut.add(`${from}>${to}`);
    this.#changed();
  }

  /** Drops messages of one kind on one direction of one link. */
  drop(from: string, to: string, kind: string): void {
    this.#cutKinds.add(`${from}>${to} ${kind}`);
  }

  /** Whole links work again; what `drop` drops stays dropped. */
  healLinks(): void {
    this.#cut.clear();
    this.#changed();
  }

  heal(): void {
    this.#cutKinds.clear();
    this.#cut.clear();
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
