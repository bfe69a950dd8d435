import { Stage, Work, type WorkResult } from '../stage.ts';

/** The results of every child, one child after the other, each record once. */
export class Or extends Stage {
  readonly name = 'OR';
  readonly #seen = new Set<number>();
  #current = 0;
  #dupsDropped = 0;

  work(): WorkResult {
    const stats = this.stats;
    stats.works++;
    const child = this.children[this.#current];
    if (child === undefined) {
      stats.isEof = true;
      return Work.done;
    }
    const result = child.work();
    if (result === Work.done) {
      this.#current++;
      stats.needTime++;
      return Work.needTime;
    }
    if (result === Work.advanced) {
      if (this.#seen.has(child.recordId)) this.#dupsDropped++;
      else {
        this.#seen.add(child.recordId);
        this.take(child);
        stats.advanced++;
        return Work.advanced;
      }
    }
    stats.needTime++;
    return Work.needTime;
  }

  override explainCounters(): Record<string, unknown> {
    return { dupsTested: this.#seen.size + this.#dupsDropped, dupsDropped: this.#dupsDropped };
  }
}
