import { Stage, Work, type WorkResult } from '../stage.ts';

/** No results: a collection that does not exist, or a filter that nothing can match. */
export class Eof extends Stage {
  readonly name = 'EOF';

  constructor() {
    super([]);
  }

  work(): WorkResult {
    this.stats.works++;
    this.stats.isEof = true;
    return Work.done;
  }
}
