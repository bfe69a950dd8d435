import { Stage, Work, type WorkResult } from '../stage.ts';

/** Counts what comes and gives nothing on: `counted` is the result once it is done. */
export class Count extends Stage {
  readonly name = 'COUNT';
  readonly #child: Stage;
  counted = 0;

  constructor(child: Stage) {
    super([child]);
    this.#child = child;
  }

  work(): WorkResult {
    const stats = this.stats;
    stats.works++;
    const result = this.#child.work();
    if (result === Work.done) {
      stats.isEof = true;
      return Work.done;
    }
    if (result === Work.advanced) this.counted++;
    stats.needTime++;
    return Work.needTime;
  }

  override explainCounters(): Record<string, unknown> {
    return { nCounted: this.counted, nSkipped: 0 };
  }
}
