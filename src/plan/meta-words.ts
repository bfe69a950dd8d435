/** What of `$meta` a query can answer. */
import { MongoServerError } from '../errors/index.ts';
import type { MetaWord } from '../expressions/index.ts';
import { nearOf, textNodeOf } from '../query/index.ts';
import type { QueryRequest } from './query-request.ts';

/** Throws for a word that needs another query. */
export function checkMetaWords({ filter, metaWords }: QueryRequest): void {
  if (metaWords === undefined || metaWords.size === 0) return;
  if (metaWords.has('textScore') && textNodeOf(filter.root) === undefined) {
    throw notAvailable('text score');
  }
  const geo: readonly [MetaWord, string][] = [
    ['geoNearDistance', '$geoNear distance'],
    ['geoNearPoint', '$geoNear point'],
  ];
  for (const [word, shown] of geo) {
    if (metaWords.has(word) && nearOf(filter.root) === undefined) throw notAvailable(shown);
  }
}

function notAvailable(shown: string): MongoServerError {
  return new MongoServerError(40218, `query requires ${shown} metadata, but it is not available`);
}
