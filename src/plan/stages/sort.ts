import type { SpillFile } from '../../../storage/index.ts';
import { documentEnd } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { Metadata } from '../../expressions/index.ts';
import { DocumentArena } from '../document-arena.ts';
import { defaultSortSpace, type SortSpace } from '../sort-space.ts';
import {
  compareEntries,
  MemoryRun,
  RunMerge,
  RunWriter,
  type SortEntry,
  type SortedRun,
} from '../sorted-runs.ts';
import { Stage, Work, type WorkResult } from '../stage.ts';

/** Entries sorted at once; small enough for a time slice. */
const runLength = 4096;
/** Entries merged or moved in one call of `work`. */
const entriesPerWork = 1024;
/** What an entry costs beside its bytes, by estimate. */
const entryOverheadBytes = 96;

/** What documents are sorted by: bytes of their own, compared as bytes. */
export interface SortKeys {
  keyOf(buffer: Buffer, start: number, metadata?: Metadata): Buffer;
}

/**
 * Collects its entries into sorted runs of a few thousand, and merges the runs while results are
 * pulled, so that no single call takes long. Equal keys keep their order of arrival.
 *
 * With a limit each run keeps only its first `limit` entries, and what is not smaller than the last
 * of a full run is dropped on arrival.
 *
 * When the entries take more memory than there is for them, all runs are merged into one in a spill
 * file, if there may be one.
 */
export class Sort extends Stage {
  readonly name = 'SORT';
  readonly #child: Stage;
  readonly #keys: SortKeys;
  readonly #limit: number;
  readonly #explainPattern: Record<string, unknown>;
  readonly #runLength: number;
  #space: SortSpace = defaultSortSpace;
  #spill: SpillFile | undefined;
  #arena = new DocumentArena();
  #pending: SortEntry[] = [];
  /** In the spill file; all of them came before those in memory. */
  readonly #spilled: SortedRun[] = [];
  #runs: MemoryRun[] = [];
  #threshold: Buffer | undefined;
  #heldBytes = 0;
  #totalBytes = 0;
  #childIsDone = false;
  /** Work that takes many calls, before the next entry is asked for; each step is short. */
  #task: Generator<undefined, void> | undefined;
  /** Undefined while entries come in. */
  #results: RunMerge | undefined;
  #produced = 0;

  /** `limit` 0: all. */
  constructor(
    child: Stage,
    keys: SortKeys,
    limit: number,
    explainPattern: Record<string, unknown>,
  ) {
    super([child]);
    this.#child = child;
    this.#keys = keys;
    this.#limit = limit;
    this.#explainPattern = explainPattern;
    this.#runLength = limit > 0 ? Math.min(runLength, Math.max(64, 2 * limit)) : runLength;
  }

  override giveSpace(space: SortSpace): void {
    this.#space = space;
    super.giveSpace(space);
  }

  override release(): void {
    this.#spill?.close();
    super.release();
  }

  work(): WorkResult {
    const stats = this.stats;
    stats.works++;
    if (this.#results !== undefined) return this.#pull(this.#results);
    stats.needTime++;
    this.#fill();
    return Work.needTime;
  }

  #fill(): void {
    if (this.#task !== undefined) {
      if (this.#task.next().done === true) this.#task = undefined;
      return;
    }
    if (this.#childIsDone) {
      this.#results = new RunMerge([...this.#spilled, ...this.#runs]);
      return;
    }
    const child = this.#child;
    const result = child.work();
    if (result === Work.advanced) this.#add(child);
    else if (result === Work.done) {
      this.#childIsDone = true;
      this.#task = this.#endRun();
    }
  }

  override explainFields(): Record<string, unknown> {
    return {
      sortPattern: this.#explainPattern,
      memLimit: this.#space.memoryLimitBytes,
      ...(this.#limit > 0 ? { limitAmount: this.#limit } : {}),
      type: 'simple',
    };
  }

  override explainCounters(): Record<string, unknown> {
    return {
      totalDataSizeSorted: this.#totalBytes,
      usedDisk: this.#spilled.length > 0,
      spills: this.#spilled.length,
      spilledDataStorageSize: this.#spill?.bytes ?? 0,
    };
  }

  #add(child: Stage): void {
    const key = this.#keys.keyOf(child.buffer, child.start, child.metadata);
    if (this.#threshold !== undefined && key.compare(this.#threshold) >= 0) return;
    const end = documentEnd(child.buffer, child.start);
    const bytes = end - child.start + key.length + entryOverheadBytes;
    this.#heldBytes += bytes;
    this.#totalBytes += bytes;
    this.#arena.copy(child.buffer, child.start, end);
    this.#pending.push({
      key,
      recordId: child.recordId,
      buffer: this.#arena.chunk,
      start: this.#arena.start,
      metadata: child.metadata,
    });
    if (this.#heldBytes > this.#space.memoryLimitBytes) this.#task = this.#makeRoom();
    else if (this.#pending.length >= this.#runLength) this.#task = this.#endRun();
  }

  *#endRun(): Generator<undefined, void> {
    const entries = this.#pending;
    if (entries.length === 0) return;
    this.#pending = [];
    entries.sort(compareEntries);
    if (this.#limit === 0) this.#runs.push(new MemoryRun(entries));
    else yield* this.#mergeIntoOne(entries);
  }

  /** With a limit the runs are merged into one, so that memory stays with the limit's entries. */
  *#mergeIntoOne(run: SortEntry[]): Generator<undefined, void> {
    const limit = this.#limit;
    const before = this.#runs.pop()?.entries ?? [];
    let entries: SortEntry[] = [];
    let live = 0;
    for (let i = 0, j = 0; entries.length < limit && (i < before.length || j < run.length); ) {
      const takesBefore =
        j === run.length || (i < before.length && compareEntries(before[i]!, run[j]!) <= 0);
      const entry = takesBefore ? before[i++]! : run[j++]!;
      entries.push(entry);
      live += entry.buffer.readInt32LE(entry.start) + entry.key.length + entryOverheadBytes;
      if (entries.length % entriesPerWork === 0) yield;
    }
    if (entries.length === limit) this.#threshold = entries[limit - 1]!.key;
    // Much of the arena is dead: what is left moves to a fresh one.
    if (live * 2 <= this.#heldBytes || this.#heldBytes > this.#space.memoryLimitBytes) {
      const arena = new DocumentArena();
      const moved: SortEntry[] = [];
      for (const { key, recordId, buffer, start, metadata } of entries) {
        arena.copy(buffer, start, documentEnd(buffer, start));
        moved.push({ key, recordId, buffer: arena.chunk, start: arena.start, metadata });
        if (moved.length % entriesPerWork === 0) yield;
      }
      entries = moved;
      this.#arena = arena;
      this.#heldBytes = live;
    }
    this.#runs.push(new MemoryRun(entries));
  }

  /** The runs in memory become one in the spill file, unless a limit has made them short enough. */
  *#makeRoom(): Generator<undefined, void> {
    const { memoryLimitBytes, openSpill } = this.#space;
    yield* this.#endRun();
    if (this.#heldBytes <= memoryLimitBytes) return;
    if (openSpill === undefined) {
      throw new MongoServerError(
        'QueryExceededMemoryLimitNoDiskUseAllowed',
        `Sort exceeded memory limit of ${memoryLimitBytes} bytes, but did not opt in to external sorting.`,
      );
    }
    this.#spill ??= openSpill();
    const writer = new RunWriter(this.#spill);
    const merge = new RunMerge(this.#runs);
    for (let written = 1; merge.current !== undefined; written++) {
      const hasFlushed = writer.add(merge.current);
      merge.advance();
      if (hasFlushed || written % entriesPerWork === 0) yield;
    }
    this.#spilled.push(writer.finish());
    this.#runs = [];
    this.#arena = new DocumentArena();
    this.#heldBytes = 0;
  }

  #pull(results: RunMerge): WorkResult {
    const entry = results.current;
    if (entry === undefined || (this.#limit > 0 && this.#produced === this.#limit)) {
      this.stats.isEof = true;
      this.#spill?.close();
      return Work.done;
    }
    results.advance();
    this.buffer = entry.buffer;
    this.start = entry.start;
    this.recordId = entry.recordId;
    this.metadata = entry.metadata;
    this.#produced++;
    this.stats.advanced++;
    return Work.advanced;
  }
}
