import type { IndexInfo } from '../../../storage/index.ts';
import type { RawValue } from '../../bson/index.ts';
import { matchesRest, type TextIndex, type TextSearch } from '../../text/index.ts';
import { Stage, Work, type WorkResult } from '../stage.ts';

export interface TextMatchOptions {
  readonly index: IndexInfo;
  readonly facts: TextIndex;
  readonly search: TextSearch;
  /** The fields in front of the words, and what they are equal to. */
  readonly indexPrefix: readonly (readonly [string, RawValue])[];
}

/**
 * Of documents that have a word of a search, those that are all the search means: with its phrases,
 * without what it negates, in the case and with the marks it asks for.
 */
export class TextMatch extends Stage {
  readonly name = 'TEXT_MATCH';
  readonly #child: Stage;
  readonly #options: TextMatchOptions;
  #rejected = 0;

  constructor(child: Stage, options: TextMatchOptions) {
    super([child]);
    this.#child = child;
    this.#options = options;
  }

  work(): WorkResult {
    const { stats } = this;
    stats.works++;
    const child = this.#child;
    const result = child.work();
    if (result === Work.advanced) {
      const { facts, search } = this.#options;
      if (!matchesRest(facts, search, child.buffer, child.start)) {
        this.#rejected++;
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
    const { index, facts, search, indexPrefix } = this.#options;
    const { terms, negatedTerms, phrases, negatedPhrases } = search;
    return {
      indexPrefix: Object.fromEntries(indexPrefix),
      indexName: index.name,
      parsedTextQuery: { terms, negatedTerms, phrases, negatedPhrases },
      textIndexVersion: facts.version,
    };
  }

  override explainCounters(): Record<string, unknown> {
    return { docsRejected: this.#rejected };
  }
}
