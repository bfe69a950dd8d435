import { noVariables, type Variables } from '../expressions/index.ts';
import { compileFilter, type DocumentTest } from './compile-filter.ts';
import type { FilterNode } from './filter-node.ts';
import { positionOfMatch } from './match-position.ts';
import { parseFilterTree } from './parse-filter.ts';

export interface FilterOptions {
  /** A collation of the command. Only the simple one exists so far; the command refuses others. */
  readonly collation?: undefined;
  /** What `$expr` may name beside the document. */
  readonly variables?: Variables;
}

/** A parsed filter. It owns its bytes and may be kept as long as a cursor lives. */
export class Filter {
  readonly root: FilterNode;
  #test: DocumentTest | undefined;

  constructor(root: FilterNode) {
    this.root = root;
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
  return new Filter(parseFilterTree(filter, start, options.variables ?? noVariables));
}
