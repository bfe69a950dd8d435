/**
 * Entries that change nothing: the first of a tenure, those that prove who is primary, and notes of operators.
 *
 * Invariants
 * - The first entry of a tenure is written when nothing pulled before the election is still unapplied.
 * - Whoever asks for a confirming entry gets one that did not exist when it asked; all who ask before it is
 *   written share it.
 */
import type { Gtid } from '../ark/index.ts';
import { encodeDocument } from '../bson/index.ts';
import { type Database, internalOperation } from '../database/index.ts';

export class NoopEntries {
  readonly #database: Database;
  #confirming: Promise<Gtid> | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * (term, 0); its `appended` opens the write gate. `drained`: nothing is being pulled any more.
   * A tenure that is over by then (`isOurs`) gets none: it would only part this log from the others.
   */
  async openTenure(term: number, drained: Promise<void>, isOurs: () => boolean): Promise<void> {
    const isFirst = this.#database.lastAppended === undefined;
    const message = encodeDocument({ msg: isFirst ? 'initiating set' : 'new primary' });
    await drained;
    await this.#database.writeNoop(term, message, isOurs);
  }

  /** Throws unless the write gate is open. */
  confirm(): Promise<Gtid> {
    if (this.#confirming === undefined) {
      this.#confirming = Promise.resolve().then(() => {
        this.#confirming = undefined;
        return this.append({ msg: 'confirming primary' });
      });
    }
    return this.#confirming;
  }

  async append(data: Record<string, unknown>): Promise<Gtid> {
    const { lastGtid } = await this.#database.write(internalOperation(), 'admin.$cmd', (writer) =>
      writer.note({ op: 'n', ns: '', o: encodeDocument(data) }),
    );
    if (lastGtid === undefined) {
      throw new Error('a note was written but is not in the log');
    }
    return lastGtid;
  }
}
