import { Stage, Work, type WorkResult } from '../stage.ts';

export interface WriteDescription {
  readonly kind: 'UPDATE' | 'DELETE';
  readonly isMulti: boolean;
  /** findAndModify: the document is the result. */
  readonly returnsDocument: boolean;
  /** Of an update: whether the document would not be the same. */
  readonly changes?: (document: Buffer, start: number) => boolean;
  /** Of an update: a document would be made when there is none. */
  readonly upserts?: boolean;
}

/** What explain runs in place of a write: it finds what would be written, and writes nothing. */
export class WouldWrite extends Stage {
  readonly name: 'UPDATE' | 'DELETE' | 'BATCHED_DELETE';
  readonly description: WriteDescription;
  readonly #child: Stage;
  #matched = 0;
  #changed = 0;

  constructor(child: Stage, description: WriteDescription) {
    super([child]);
    this.#child = child;
    this.description = description;
    const { kind, isMulti } = description;
    this.name = kind === 'DELETE' && isMulti ? 'BATCHED_DELETE' : kind;
  }

  work(): WorkResult {
    const { stats, description } = this;
    stats.works++;
    if (!description.isMulti && this.#matched > 0) {
      stats.isEof = true;
      return Work.done;
    }
    const child = this.#child;
    const result = child.work();
    if (result !== Work.advanced) {
      if (result === Work.needTime) stats.needTime++;
      else stats.isEof = true;
      return result;
    }
    this.#matched++;
    if (description.changes?.(child.buffer, child.start) !== false) this.#changed++;
    if (description.returnsDocument) {
      this.take(child);
      stats.advanced++;
      return Work.advanced;
    }
    stats.needTime++;
    return Work.needTime;
  }

  override explainCounters(): Record<string, unknown> {
    if (this.description.kind === 'DELETE') return { nWouldDelete: this.#matched };
    const upserts = this.description.upserts === true && this.#matched === 0;
    return {
      nMatched: this.#matched,
      nWouldModify: this.#changed,
      nWouldUpsert: upserts ? 1 : 0,
    };
  }
}
