import type { Reader } from '../../storage/index.ts';
import type { Metadata } from '../expressions/index.ts';
import type { SortSpace } from './sort-space.ts';

/** What one call of `work` came to; small integers, because it is the innermost loop. */
export const Work = { advanced: 0, needTime: 1, done: 2 } as const;
export type WorkResult = (typeof Work)[keyof typeof Work];

/** How many records a scan looks at in one call of `work` before it answers `needTime`. */
export const recordsPerWork = 128;
/** ... and how many bytes of them. */
export const bytesPerWork = 512 * 1024;

const noDocument = Buffer.alloc(0);

/**
 * A node of a plan tree. The parent pulls: each `work` either produces one result (`advanced`),
 * made progress without one (`needTime`), or is at its end (`done`).
 *
 * Invariants
 * - After `advanced` the result is `buffer`, `start` (a BSON document) and `recordId`. The bytes may
 *   be borrowed from the storage: they are valid until the next call into this tree or the storage.
 * - `work` is only called while attached. Between `detach` and `attach` the tree holds no cursor, so
 *   any number of writes may pass; scans continue after the key they returned last.
 * - After `done` every further call is `done`, unless the stage says it is tailable.
 */
export abstract class Stage {
  /** The name explain shows, e.g. `COLLSCAN`. */
  abstract readonly name: string;
  readonly children: readonly Stage[];

  buffer: Buffer = noDocument;
  start = 0;
  /** 0 when the result is not one stored record. */
  recordId = 0;
  /** What is known of the result beside its fields, for `$meta`. */
  metadata: Metadata | undefined = undefined;

  /** Counters of explain's executionStats. */
  readonly stats: StageStats = {
    works: 0,
    advanced: 0,
    needTime: 0,
    saves: 0,
    restores: 0,
    isEof: false,
    nanoseconds: 0,
  };

  constructor(children: readonly Stage[]) {
    this.children = children;
  }

  abstract work(): WorkResult;

  /** Opens what the stage needs on `reader`, at the position it had. */
  attach(reader: Reader): void {
    this.stats.restores++;
    for (const child of this.children) child.attach(reader);
  }

  /** Lets go of every cursor and borrowed byte. */
  detach(): void {
    this.stats.saves++;
    for (const child of this.children) child.detach();
  }

  /** Before the first `work`: what the sorts of this tree may take. */
  giveSpace(space: SortSpace): void {
    for (const child of this.children) child.giveSpace(space);
  }

  /** There will be no further call: lets go of what outlives `detach`. */
  release(): void {
    for (const child of this.children) child.release();
  }

  /** Fields of the stage in explain's queryPlanner, between `stage` and `inputStage`. */
  explainFields(): Record<string, unknown> {
    return {};
  }

  /** Fields of the stage in explain's executionStats, after the common counters. */
  explainCounters(): Record<string, unknown> {
    return {};
  }

  /** Index entries looked at by this stage alone. */
  get keysExamined(): number {
    return 0;
  }

  /** Documents looked at by this stage alone. */
  get documentsExamined(): number {
    return 0;
  }

  /** Takes over the result of a child. */
  protected take(child: Stage): void {
    this.buffer = child.buffer;
    this.start = child.start;
    this.recordId = child.recordId;
    this.metadata = child.metadata;
  }
}

export interface StageStats {
  works: number;
  advanced: number;
  needTime: number;
  saves: number;
  restores: number;
  isEof: boolean;
  nanoseconds: number;
}
