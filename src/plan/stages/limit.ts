import { Stage, Work, type WorkResult } from '../stage.ts';

/** At most `limit` results. */
export class Limit extends Stage {
  readonly name = 'LIMIT';
  readonly #child: Stage;
  readonly limit: number;
  #left: number;

  constructor(child: Stage, limit: number) {
    super([child]);
    this.#child = child;
    this.limit = limit;
    this.#left = limit;
  }

  work(): WorkResult {
    const stats = this.stats;
    stats.works++;
    if (this.#left === 0) {
      stats.isEof = true;
      return Work.done;
    }
    const result = this.#child.work();
    if (result === Work.advanced) {
      this.take(this.#child);
      this.#left--;
      stats.advanced++;
    } else if (result === Work.needTime) stats.needTime++;
    else stats.isEof = true;
    return result;
  }

  override explainFields(): Record<string, unknown> {
    return { limitAmount: this.limit };
  }
}
