/** The results of a pipeline that are the same each time it runs, from its second run on. */
import { documentEnd } from '../bson/index.ts';
import { Stage, Work, type WorkResult } from '../plan/index.ts';
import { DocumentList } from './stages/source.ts';

/** Bytes (MongoDB: internalDocumentSourceLookupCacheSizeBytes). */
const cacheBytesMax = 100 * 1024 * 1024;

export class ResultsCache {
  /** `large`: they do not fit, the pipeline runs each time. */
  #known: readonly Buffer[] | 'large' | undefined;

  /** The results; `open` runs the pipeline. */
  read(open: () => Stage): Stage {
    const known = this.#known;
    if (known === 'large') return open();
    if (known !== undefined) return new DocumentList('CACHED', () => known);
    return new Recording(open(), (results) => {
      this.#known = results;
    });
  }
}

/** Passes results on, and keeps them until it knows them all. */
class Recording extends Stage {
  readonly name = 'RECORDING';
  readonly #child: Stage;
  readonly #finished: (results: readonly Buffer[] | 'large') => void;
  #results: Buffer[] | undefined = [];
  #bytes = 0;

  constructor(child: Stage, finished: (results: readonly Buffer[] | 'large') => void) {
    super([child]);
    this.#child = child;
    this.#finished = finished;
  }

  work(): WorkResult {
    const child = this.#child;
    const result = child.work();
    if (result === Work.advanced) {
      this.take(child);
      this.stats.advanced++;
      this.#keep();
    } else if (result === Work.done && this.#results !== undefined) this.#finished(this.#results);
    return result;
  }

  #keep(): void {
    if (this.#results === undefined) return;
    const end = documentEnd(this.buffer, this.start);
    this.#bytes += end - this.start;
    if (this.#bytes > cacheBytesMax) {
      this.#results = undefined;
      this.#finished('large');
    } else this.#results.push(Buffer.from(this.buffer.subarray(this.start, end)));
  }
}
