/** What the rows of the tables are run by: the filter, update, projection and sort of the query room. */
import { BSON } from 'bson';
import { encodeDocument } from '../../src/bson/index.ts';
import { MongoServerError } from '../../src/errors/index.ts';
import { type MatchInfo, parseFilter, parseProjection, parseSort } from '../../src/query/index.ts';
import { type Fields, updateOf } from '../query/documents.ts';

/** Canonical extended JSON: shows the type and the order of everything. */
export function exact(value: unknown): string {
  return BSON.EJSON.stringify({ value }, { relaxed: false });
}

function decoded(document: Buffer): Fields {
  return BSON.deserialize(document, {
    promoteValues: false,
    promoteBuffers: false,
    bsonRegExp: true,
  });
}

/** `[code, message]` of the error a client would be told. */
export type Refusal = readonly [code: number, message: string];

function refusalOf(run: () => unknown): Refusal | 'accepted' {
  try {
    run();
    return 'accepted';
  } catch (error) {
    if (error instanceof MongoServerError) return [error.code, error.message];
    throw error;
  }
}

export interface UpdateRun {
  readonly arrayFilters?: Fields[];
  readonly filter?: Fields;
  readonly isInsert?: boolean;
}

/** The document after an update, or the refusal. */
export function updated(
  update: Fields,
  document: Fields,
  { arrayFilters, filter, isInsert = false }: UpdateRun = {},
): Fields | Refusal {
  try {
    const parsed = updateOf(update, arrayFilters === undefined ? {} : { arrayFilters });
    const info: MatchInfo = {
      ...(filter && { filter: parseFilter(encodeDocument(filter), 0) }),
      now: 0,
      clusterTime: { t: 1, i: 1 },
      isInsert,
    };
    return decoded(parsed.apply(encodeDocument(document), 0, info).document);
  } catch (error) {
    if (error instanceof MongoServerError) return [error.code, error.message];
    throw error;
  }
}

export function filterRefusal(filter: Fields): Refusal | 'accepted' {
  return refusalOf(() => parseFilter(encodeDocument(filter), 0));
}

export function projectionRefusal(projection: Fields): Refusal | 'accepted' {
  return refusalOf(() => parseProjection(encodeDocument(projection), 0));
}

export function sortRefusal(sort: Fields): Refusal | 'accepted' {
  return refusalOf(() => parseSort(encodeDocument(sort), 0));
}
