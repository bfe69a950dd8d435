import { Stage, Work, type WorkResult } from '../stage.ts';

/** A count of everything, which is read off the statistics: for explain. */
export class FastCount extends Stage {
  readonly name = 'RECORD_STORE_FAST_COUNT';
  readonly #counted: number;
  readonly #skipped: number;

  constructor(counted: number, skipped: number) {
    super([]);
    this.#counted = counted;
    this.#skipped = skipped;
  }

  work(): WorkResult {
    this.stats.works++;
    this.stats.isEof = true;
    return Work.done;
  }

  override explainCounters(): Record<string, unknown> {
    return { nCounted: this.#counted, nSkipped: this.#skipped };
  }
}
