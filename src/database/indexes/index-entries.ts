import type { IndexInfo } from '../../../storage/index.ts';
import { factsOf } from '../../plan/index.ts';
import type { IndexKey } from '../../query/index.ts';

export interface IndexEntries {
  /** One for each key string: what the index holds is a function of the document alone. */
  readonly keys: readonly IndexKey[];
  /** Per key field: this document has an array there. */
  readonly multikey: readonly boolean[];
}

const noEntries: IndexEntries = { keys: [], multikey: [] };

/** The entries a document has in an index; in a sparse or partial one there may be none. */
export function entriesOf(index: IndexInfo, buffer: Buffer, start: number): IndexEntries {
  const facts = factsOf(index);
  if (facts.partialFilter?.matches(buffer, start) === false) return noEntries;
  const { keys, multikey } = facts.keys(buffer, start);
  if (keys.length <= 1) return { keys, multikey };
  // 1 and 1.0 in one array are one key of two types; the keys are sorted, and the last one stays.
  return {
    keys: keys.filter((key, at) => keys[at + 1]?.keyString.equals(key.keyString) !== true),
    multikey,
  };
}
