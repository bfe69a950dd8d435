import type { Value } from './value.ts';

/** What a query knows of a document beside its fields, by the words of `$meta`. */
export interface Metadata {
  readonly textScore?: number;
  readonly geoNearDistance?: number;
  readonly geoNearPoint?: Value;
  readonly recordId?: number;
  readonly indexKey?: Value;
  readonly sortKey?: Value;
}

/** Words of Atlas Search, of time series and the like: a document here never has them. */
const absentWords = [
  'randVal',
  'searchHighlights',
  'searchRootDocumentId',
  'searchScore',
  'searchScoreDetails',
  'searchSequenceToken',
  'timeseriesBucketMaxTime',
  'timeseriesBucketMinTime',
  'vectorSearchScore',
] as const;

export type MetaWord = keyof Metadata | (typeof absentWords)[number];

const words: ReadonlySet<string> = new Set<MetaWord>([
  'textScore',
  'geoNearDistance',
  'geoNearPoint',
  'recordId',
  'indexKey',
  'sortKey',
  ...absentWords,
]);

export function isMetaWord(word: string): word is MetaWord {
  return words.has(word);
}
