import type { Filter } from '../../query/index.ts';
import { explainFilter } from '../../query/index.ts';
import { Stage, Work, type WorkResult } from '../stage.ts';

/** Lets through what matches; used above stages that cannot filter themselves. */
export class FilterStage extends Stage {
  readonly name = 'FILTER';
  readonly #child: Stage;
  readonly #filter: Filter;

  constructor(child: Stage, filter: Filter) {
    super([child]);
    this.#child = child;
    this.#filter = filter;
  }

  work(): WorkResult {
    const stats = this.stats;
    stats.works++;
    const child = this.#child;
    const result = child.work();
    if (result === Work.advanced) {
      if (!this.#filter.matches(child.buffer, child.start)) {
        stats.needTime++;
        return Work.needTime;
      }
      this.take(child);
      stats.advanced++;
    } else if (result === Work.needTime) stats.needTime++;
    else stats.isEof = true;
    return result;
  }

  override explainFields(): Record<string, unknown> {
    return { filter: explainFilter(this.#filter.root) };
  }
}
