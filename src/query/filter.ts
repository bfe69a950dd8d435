import type { Collation } from '../bson/index.ts';
import { noVariables, type Variables } from '../expressions/index.ts';
import { compileFilter, type DocumentTest } from './compile-filter.ts';
import type { FilterNode } from './filter-node.ts';
import { positionOfMatch } from './match-position.ts';
import { type FilterPlace, parseFilterTree } from './parse-filter.ts';

export interface FilterOptions {
  /** What `$expr` may name beside the document, and the collation of all comparisons. */
  readonly variables?: Variables;
  /** Undefined: a document by itself. */
  readonly place?: FilterPlace;
}

/** A parsed filter. It owns its bytes and may be kept as long as a cursor lives. */
export class Filter {
  readonly root: FilterNode;
  /** Of its comparisons; undefined: the order of bytes. */
  readonly collation: Collation | undefined;
  #test: DocumentTest | undefined;

  constructor(root: FilterNode, collation?: Collation) {
    this.root = root;
    this.collation = collation;
  }

  /** `{}`: matches every document. */
  get isEmpty(): boolean {
    return this.root.kind === 'and' && this.root.children.length === 0;
  }

  /** Whether the document at `start` matches. */
  matches(buffer: Buffer, start: number): boolean {
    this.#test ??= compileFilter(this.root);
    return this.#test(buffer, start);
  }

  /**
   * The position in the array that made a document match, for the positional `$` of updates and
   * projections; -1 when no array took part. The document must match.
   */
  positionOfMatch(buffer: Buffer, start: number): number {
    return positionOfMatch(this.root, buffer, start);
  }
}

/** Parses the filter document at `start`. Throws MongoServerError with the server's codes and texts. */
export function parseFilter(filter: Buffer, start: number, options: FilterOptions = {}): Filter {
  const variables = options.variables ?? noVariables;
  return new Filter(
    parseFilterTree(filter, start, variables, options.place ?? 'document'),
    variables.collation,
  );
}
