/** What a query must give: its filter, sort and projection applied document by document. */
import { parseCollation } from '../../src/collation/index.ts';
import { noVariables } from '../../src/expressions/index.ts';
import { parseFilter, parseProjection, parseSort } from '../../src/query/index.ts';
import { raw } from '../database/support/member.ts';
import type { Query } from './queries.ts';
import { bytesOf, isRefusal } from './world.ts';

interface ExpectedDocument {
  /** Its sort key; empty when there is no sort. */
  readonly key: Buffer;
  /** As the projection shows it. */
  readonly shown: Buffer;
}

export interface Expected {
  /** The code the query is refused with. */
  readonly code?: number;
  /** The refusal is for a document that a plan need not meet. */
  readonly isAvoidable?: boolean;
  /** What matches, in the order of the sort. */
  readonly matching: readonly ExpectedDocument[];
}

const unsorted = Buffer.alloc(0);

export function expectedOf(query: Query, documents: readonly Buffer[]): Expected {
  // What is wrong with the query itself is known before any document is read.
  let isAvoidable = false;
  try {
    const collation = query.collation && (parseCollation(raw(query.collation)) ?? undefined);
    const variables = noVariables.under(collation);
    const filter = parseFilter(bytesOf(query.filter), 0, { variables });
    const projection =
      query.projection && parseProjection(bytesOf(query.projection), 0, { filter, variables });
    const sort = query.sort && parseSort(bytesOf(query.sort), 0, collation);
    isAvoidable = true;
    const matching = documents
      .filter((document) => filter.matches(document, 0))
      .map((document) => ({
        key: sort?.keyOf(document, 0) ?? unsorted,
        shown: projection?.apply(document, 0) ?? document,
      }));
    if (sort !== undefined) matching.sort((a, b) => Buffer.compare(a.key, b.key));
    return { matching };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { code: error.code, isAvoidable, matching: [] };
  }
}

/** A text that is the same for documents that are shown alike and sort alike. */
export function shownAs(key: Buffer, shown: Buffer): string {
  return `${key.toString('latin1')} ${shown.toString('latin1')}`;
}

/** Adds to the count under a name, and gives it. */
export function collects(counts: Map<string, number>, name: string, by: number): number {
  const count = (counts.get(name) ?? 0) + by;
  counts.set(name, count);
  return count;
}
