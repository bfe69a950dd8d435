import { encodeDocument } from '../../src/bson/index.ts';
import { type Filter, parseFilter } from '../../src/query/index.ts';

export type Fields = Record<string, unknown>;

export function filterOf(filter: Fields): Filter {
  return parseFilter(encodeDocument(filter), 0);
}

export function matches(filter: Fields, document: Fields): boolean {
  return filterOf(filter).matches(encodeDocument(document), 0);
}
