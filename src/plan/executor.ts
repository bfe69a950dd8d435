import { OutOfSpace, type Reader, SnapshotTooOld } from '../../storage/index.ts';
import { documentEnd, RawArray } from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { noteScans } from './scan-counts.ts';
import { nextTurn, SliceClock } from './slice-clock.ts';
import type { SortSpace } from './sort-space.ts';
import { type Stage, Work } from './stage.ts';
import { eventLoop } from './turns.ts';

/** The documents of one reply together (MongoDB: BSONObjMaxUserSize). */
const maxBatchBytes = 16 * 1024 * 1024;

/** Asked between slices; throws when the operation shall end (killOp, maxTimeMS, step-down). */
export interface InterruptCheck {
  check(): void;
}

export interface BatchRequest {
  readonly maxDocuments: number;
  readonly maxBytes?: number;
  readonly interrupt?: InterruptCheck;
}

export interface ExecutorOptions {
  /** A use of the indexes it scans, as everything but an explain is; default true. */
  readonly isCounted?: boolean;
  /** What its sorts may take; default some memory, and no disk. */
  readonly sortSpace?: SortSpace | undefined;
}

export interface Batch {
  readonly documents: RawArray;
  /** The plan has no further results (a tailable plan may get some later). */
  readonly isExhausted: boolean;
}

/**
 * Pulls results out of a plan in slices, each on cursors of its own, so that a long query neither
 * holds up heartbeats nor pins a state of the store.
 *
 * Invariants
 * - Between two calls, and while it waits for its next slice, the plan is detached.
 * - A document that did not fit into a batch is the first of the next.
 * - After a throw the executor is closed: it can not be asked again.
 */
export class PlanExecutor {
  readonly #root: Stage;
  readonly #reader: Reader;
  #attached = false;
  #isExhausted = false;
  #isClosed = false;
  #stash: Buffer | undefined;
  #returned = 0;
  #milliseconds = 0;

  /** To be closed, unless it is run to its end. */
  constructor(root: Stage, reader: Reader, { isCounted = true, sortSpace }: ExecutorOptions = {}) {
    if (isCounted) noteScans(root);
    if (sortSpace !== undefined) root.giveSpace(sortSpace);
    this.#root = root;
    this.#reader = reader;
  }

  get root(): Stage {
    return this.#root;
  }

  get isExhausted(): boolean {
    return this.#isExhausted && this.#stash === undefined;
  }

  /** Results handed out so far. */
  get returned(): number {
    return this.#returned;
  }

  /** Time spent in slices. */
  get elapsedMilliseconds(): number {
    return this.#milliseconds;
  }

  /** After `isExhausted`, of a tailable plan: results may follow, ask again. */
  retryEnd(): void {
    this.#isExhausted = false;
    for (const stage of walk(this.#root)) {
      if ('rewindEnd' in stage) (stage as Stage & { rewindEnd(): void }).rewindEnd();
    }
  }

  /**
   * The next results; stops at `maxDocuments`, at `maxBytes` or at the end. Most batches are there
   * within one slice: those come, or throw, at once.
   */
  nextBatch(request: BatchRequest): Batch | Promise<Batch> {
    const documents = new RawArray();
    const maxBytes = request.maxBytes ?? maxBatchBytes;
    if (this.#stash !== undefined && request.maxDocuments > 0) {
      const stash = this.#stash;
      documents.push(stash, 0, stash.length);
      this.#returned++;
      this.#stash = undefined;
    }
    const later = this.forEachSlice(
      request.interrupt,
      () => documents.length >= request.maxDocuments,
      (stage) => {
        const end = documentEnd(stage.buffer, stage.start);
        const size = end - stage.start;
        if (documents.byteLength + size > maxBytes && documents.length > 0) {
          this.#stash = Buffer.from(stage.buffer.subarray(stage.start, end));
          return false;
        }
        documents.push(stage.buffer, stage.start, end);
        this.#returned++;
        return documents.length < request.maxDocuments;
      },
    );
    if (later === undefined) return { documents, isExhausted: this.isExhausted };
    return later.then(() => ({ documents, isExhausted: this.isExhausted }));
  }

  /** Runs to the end and counts the results. */
  async count(interrupt?: InterruptCheck): Promise<number> {
    let count = 0;
    await this.forEachSlice(interrupt, never, () => {
      count++;
      return true;
    });
    this.#returned += count;
    return count;
  }

  /**
   * Runs to the end in slices and shows every result; its bytes are borrowed, `visit` copies what it
   * keeps. `visit` answers false to stop.
   */
  async forEach(visit: (stage: Stage) => boolean, interrupt?: InterruptCheck): Promise<void> {
    await this.forEachSlice(interrupt, never, (stage) => {
      this.#returned++;
      return visit(stage);
    });
  }

  /**
   * Runs synchronously on `reader` (a write transaction) for at most `budgetMs`. The plan stays where
   * it is and can go on in a later call, on another reader. Returns `done`, or `paused` when the
   * budget is used up or `visit` answered false.
   *
   * `visit` may write to the transaction: the plan reads on from cursors, and a record that was moved
   * by the write may come again, unless the caller remembers it.
   */
  runWithin(
    reader: Reader,
    budgetMs: number,
    visit: (recordId: number, buffer: Buffer, start: number) => boolean,
  ): 'done' | 'paused' {
    const root = this.#root;
    const started = eventLoop.monotonicMs();
    const clock = new SliceClock(budgetMs);
    root.attach(reader);
    try {
      for (;;) {
        const result = root.work();
        if (result === Work.done) {
          this.#isExhausted = true;
          return 'done';
        }
        if (result === Work.advanced) {
          this.#returned++;
          if (!visit(root.recordId, root.buffer, root.start)) return 'paused';
        }
        if (clock.isOver()) return 'paused';
      }
    } finally {
      root.detach();
      this.#milliseconds += eventLoop.monotonicMs() - started;
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#isExhausted = true;
    this.#stash = undefined;
    if (this.#attached) {
      this.#attached = false;
      this.#root.detach();
    }
    this.#root.release();
  }

  /** Slice after slice; `visit` answers false to stop after a result. No promise: the first was all. */
  private forEachSlice(
    interrupt: InterruptCheck | undefined,
    isEnough: () => boolean,
    visit: (stage: Stage) => boolean,
  ): Promise<void> | undefined {
    if (isEnough() || this.#stash !== undefined) return undefined;
    return this.#runNextSlice(interrupt, visit) ? this.#runFurther(interrupt, visit) : undefined;
  }

  async #runFurther(
    interrupt: InterruptCheck | undefined,
    visit: (stage: Stage) => boolean,
  ): Promise<void> {
    do await nextTurn();
    while (this.#runNextSlice(interrupt, visit));
  }

  /** True when there is more to do. */
  #runNextSlice(interrupt: InterruptCheck | undefined, visit: (stage: Stage) => boolean): boolean {
    this.#check(interrupt);
    return !this.#isExhausted && !this.#isClosed && this.#runSlice(visit);
  }

  #check(interrupt: InterruptCheck | undefined): void {
    try {
      interrupt?.check();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** True when the slice ended by the clock and there is more to do. */
  #runSlice(visit: (stage: Stage) => boolean): boolean {
    const root = this.#root;
    const started = eventLoop.monotonicMs();
    const clock = new SliceClock();
    this.#attached = true;
    root.attach(this.#reader);
    try {
      for (;;) {
        const result = root.work();
        if (result === Work.done) {
          this.#isExhausted = true;
          return false;
        }
        if (result === Work.advanced && !visit(root)) return false;
        if (clock.isOver()) return true;
      }
    } catch (error) {
      this.#isClosed = true;
      root.release();
      if (error instanceof SnapshotTooOld) {
        throw new MongoServerError('SnapshotTooOld', error.message, { cause: error });
      }
      if (error instanceof OutOfSpace) {
        throw new MongoServerError('OutOfDiskSpace', error.message, { cause: error });
      }
      throw error;
    } finally {
      this.#attached = false;
      root.detach();
      this.#milliseconds += eventLoop.monotonicMs() - started;
    }
  }
}

function never(): boolean {
  return false;
}

function* walk(stage: Stage): Generator<Stage> {
  yield stage;
  for (const child of stage.children) yield* walk(child);
}
