/** What the last stage of a pipeline says of where its documents go; the command writes them. */
import type { Value } from '../expressions/index.ts';
import type { Update } from '../query/index.ts';

export type PipelineOutput = OutTarget | MergeTarget;

interface Target {
  readonly stage: '$out' | '$merge';
  /** Undefined: that of the command. */
  readonly database: string | undefined;
  readonly collection: string;
}

/** The documents become the collection. */
export interface OutTarget extends Target {
  readonly stage: '$out';
  /** The document `timeseries`, unread. */
  readonly timeSeries: Value | undefined;
}

export type WhenMatched = 'replace' | 'keepExisting' | 'merge' | 'fail' | 'pipeline';
export type WhenNotMatched = 'insert' | 'discard' | 'fail';

/** Each document goes into the collection by itself. */
export interface MergeTarget extends Target {
  readonly stage: '$merge';
  /** Paths by which a document is found; a unique index must have them, all and no more. */
  readonly on: readonly string[];
  readonly whenMatched: WhenMatched;
  readonly whenNotMatched: WhenNotMatched;
  /** The update of what is found for a document; undefined with `fail`. */
  updateFor(document: Buffer): Update | undefined;
}
