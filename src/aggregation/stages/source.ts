import { Stage, Work, type WorkResult } from '../../plan/index.ts';

/** Documents that are there already. */
export class DocumentList extends Stage {
  readonly name: string;
  readonly #documents: () => readonly Buffer[];
  #made: readonly Buffer[] | undefined;
  #next = 0;

  constructor(name: string, documents: () => readonly Buffer[]) {
    super([]);
    this.name = name;
    this.#documents = documents;
  }

  work(): WorkResult {
    this.#made ??= this.#documents();
    const document = this.#made[this.#next];
    if (document === undefined) return Work.done;
    this.#next++;
    this.buffer = document;
    this.start = 0;
    this.stats.advanced++;
    return Work.advanced;
  }
}
