import type { IndexInfo, IndexKeyPart } from '../../../storage/index.ts';
import type { Collation } from '../../bson/index.ts';
import type { FilterNode, IndexKeys } from '../../query/index.ts';
import type { IndexBounds } from '../index-bounds.ts';

/** What a key generator has to know of an index. */
export interface KeyedIndex {
  readonly spec: Buffer;
  readonly keyPattern: readonly IndexKeyPart[];
  readonly isSparse: boolean;
  /** Keys hold its keys in place of texts. */
  readonly collation: Collation | undefined;
}

/** What a kind checks when an index is asked for. */
export interface CheckedIndex extends KeyedIndex {
  readonly isUnique: boolean;
  readonly expireAfterSeconds: number | undefined;
  /** The key pattern for messages. */
  readonly shownKey: string;
}

export type SortPaths = readonly { readonly path: string; readonly direction: 1 | -1 }[];

/** A way to answer a query with one index. */
export interface IndexCandidate {
  readonly bounds: IndexBounds;
  /** The documents found are the documents that match: the filter need not be asked again. */
  readonly isExact: boolean;
  /** The scan direction that gives the order asked for; undefined when none does. */
  readonly sortedBy: 'forward' | 'backward' | undefined;
  readonly points: number;
  readonly bounded: number;
  /** It has the documents with a field, and no others, which is what the query asks for. */
  readonly findsExisting: boolean;
}

/**
 * A kind of index: which keys a document has in it, and which of them the matches of a query can
 * have. What all kinds share (unique, partial, hidden ...) is not its business.
 */
export interface IndexKind {
  /** What stands in a key pattern in place of a direction; `ordered` for 1 and -1. */
  readonly name: string;
  /** What a specification says that does not say otherwise. */
  readonly defaults?: Readonly<Record<string, number>>;
  /** A hint makes a query read all of it that asks nothing it can answer. */
  readonly isReadWholeByHint?: boolean;
  /** Its keys hold no texts, and it refuses a collation. */
  readonly refusesCollation?: boolean;
  /** May it say when its documents expire? */
  readonly hasTimeToLive: boolean;
  /** Where a change of a document may change its keys; undefined: anywhere. */
  paths(keyPattern: readonly IndexKeyPart[], spec: Buffer): readonly string[] | undefined;
  /** Throws for what the kind has no place for. */
  check(index: CheckedIndex): void;
  keyGenerator(index: KeyedIndex): (buffer: Buffer, start: number) => IndexKeys;
  /**
   * The ways to answer a query of these predicates, all of which must hold, and this order. Of an index
   * with a collation the values of predicates are as its keys are (`collatedPredicates`).
   */
  candidates(
    index: IndexInfo,
    predicates: readonly FilterNode[],
    sort: SortPaths,
  ): readonly IndexCandidate[];
}
