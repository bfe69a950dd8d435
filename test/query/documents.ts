import { BsonType, encodeDocument, type RawValue } from '../../src/bson/index.ts';
import { MongoServerError } from '../../src/errors/index.ts';
import { type Filter, parseFilter, parseUpdate, type Update } from '../../src/query/index.ts';

export type Fields = Record<string, unknown>;

export function filterOf(filter: Fields): Filter {
  return parseFilter(encodeDocument(filter), 0);
}

export function matches(filter: Fields, document: Fields): boolean {
  return filterOf(filter).matches(encodeDocument(document), 0);
}

/** The error's code and message, or the result. */
export function outcome<T>(run: () => T): T | { code: number; message: string } {
  try {
    return run();
  } catch (error) {
    if (error instanceof MongoServerError) return { code: error.code, message: error.message };
    throw error;
  }
}

export function updateOf(update: Fields, options: { arrayFilters?: Fields[] } = {}): Update {
  const arrayFilters = options.arrayFilters?.map((filter) => documentValue(filter));
  return parseUpdate(documentValue(update), arrayFilters === undefined ? {} : { arrayFilters });
}

function documentValue(fields: Fields): RawValue {
  const buffer = encodeDocument(fields);
  return { buffer, type: BsonType.object, start: 0, end: buffer.length };
}
