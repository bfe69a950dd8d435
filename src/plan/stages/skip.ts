import { Stage, Work, type WorkResult } from '../stage.ts';

/** Drops the first `skip` results. */
export class Skip extends Stage {
  readonly name = 'SKIP';
  readonly #child: Stage;
  readonly #skip: number;
  #left: number;

  constructor(child: Stage, skip: number) {
    super([child]);
    this.#child = child;
    this.#skip = skip;
    this.#left = skip;
  }

  work(): WorkResult {
    const stats = this.stats;
    stats.works++;
    const result = this.#child.work();
    if (result === Work.advanced) {
      if (this.#left > 0) {
        this.#left--;
        stats.needTime++;
        return Work.needTime;
      }
      this.take(this.#child);
      stats.advanced++;
    } else if (result === Work.needTime) stats.needTime++;
    else stats.isEof = true;
    return result;
  }

  override explainFields(): Record<string, unknown> {
    return { skipAmount: this.#skip };
  }
}
