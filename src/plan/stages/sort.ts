import { documentEnd } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { Metadata } from '../../expressions/index.ts';
import type { SortPattern } from '../../query/index.ts';
import { DocumentArena } from '../document-arena.ts';
import { Stage, Work, type WorkResult } from '../stage.ts';

/** Bytes of documents and keys a sort may hold (internalQueryMaxBlockingSortMemoryUsageBytes). */
const sortMemoryLimitBytes = 100 * 1024 * 1024;
/** Entries sorted at once; small enough for a time slice. */
const runLength = 4096;
/** Entries merged or moved in one call of `work`. */
const entriesPerWork = 1024;
/** What an entry costs beside its bytes, by estimate. */
const entryOverheadBytes = 96;

interface Entry {
  readonly key: Buffer;
  readonly recordId: number;
  readonly buffer: Buffer;
  readonly start: number;
  readonly metadata: Metadata | undefined;
}

function compareEntries(a: Entry, b: Entry): number {
  return a.key.compare(b.key);
}

/**
 * Sorts in memory: entries are collected into sorted runs of a few thousand, and the runs are merged
 * while results are pulled, so that no single call takes long. Equal keys keep their order of arrival.
 *
 * With a limit each run keeps only its first `limit` entries, and what is not smaller than the last
 * of a full run is dropped on arrival.
 */
export class Sort extends Stage {
  readonly name = 'SORT';
  readonly #child: Stage;
  readonly #pattern: SortPattern;
  readonly #limit: number;
  readonly #explainPattern: Record<string, unknown>;
  readonly #runLength: number;
  #arena = new DocumentArena();
  #pending: Entry[] = [];
  readonly #runs: { entries: Entry[]; next: number; order: number }[] = [];
  #threshold: Buffer | undefined;
  #heldBytes = 0;
  #totalBytes = 0;
  #filling = true;
  #childIsDone = false;
  /** A run on its way into the one before it; each step is short. */
  #merging: Generator<undefined, void> | undefined;
  #produced = 0;

  /** `limit` 0: all. */
  constructor(
    child: Stage,
    pattern: SortPattern,
    limit: number,
    explainPattern: Record<string, unknown>,
  ) {
    super([child]);
    this.#child = child;
    this.#pattern = pattern;
    this.#limit = limit;
    this.#explainPattern = explainPattern;
    this.#runLength = limit > 0 ? Math.min(runLength, Math.max(64, 2 * limit)) : runLength;
  }

  work(): WorkResult {
    const stats = this.stats;
    stats.works++;
    if (this.#filling) {
      stats.needTime++;
      this.#fill();
      return Work.needTime;
    }
    return this.#pull();
  }

  #fill(): void {
    if (this.#merging !== undefined) {
      if (this.#merging.next().done === true) this.#merging = undefined;
      return;
    }
    if (this.#childIsDone) {
      this.#filling = false;
      this.#heapify();
      return;
    }
    const child = this.#child;
    const result = child.work();
    if (result === Work.advanced) this.#add(child);
    else if (result === Work.done) {
      this.#childIsDone = true;
      this.#endRun();
    }
  }

  override explainFields(): Record<string, unknown> {
    return {
      sortPattern: this.#explainPattern,
      memLimit: sortMemoryLimitBytes,
      ...(this.#limit > 0 ? { limitAmount: this.#limit } : {}),
      type: 'simple',
    };
  }

  override explainCounters(): Record<string, unknown> {
    return {
      totalDataSizeSorted: this.#totalBytes,
      usedDisk: false,
      spills: 0,
      spilledDataStorageSize: 0,
    };
  }

  #add(child: Stage): void {
    const key = this.#pattern.keyOf(child.buffer, child.start, child.metadata);
    if (this.#threshold !== undefined && key.compare(this.#threshold) >= 0) return;
    const end = documentEnd(child.buffer, child.start);
    const bytes = end - child.start + key.length + entryOverheadBytes;
    this.#heldBytes += bytes;
    this.#totalBytes += bytes;
    if (this.#heldBytes > sortMemoryLimitBytes) {
      throw new MongoServerError(
        'QueryExceededMemoryLimitNoDiskUseAllowed',
        `Sort exceeded memory limit of ${sortMemoryLimitBytes} bytes, but did not opt in to external sorting.`,
      );
    }
    this.#arena.copy(child.buffer, child.start, end);
    this.#pending.push({
      key,
      recordId: child.recordId,
      buffer: this.#arena.chunk,
      start: this.#arena.start,
      metadata: child.metadata,
    });
    if (this.#pending.length >= this.#runLength) this.#endRun();
  }

  #endRun(): void {
    const entries = this.#pending;
    if (entries.length === 0) return;
    this.#pending = [];
    entries.sort(compareEntries);
    if (this.#limit === 0) this.#runs.push({ entries, next: 0, order: this.#runs.length });
    else this.#merging = this.#mergeIntoOne(entries);
  }

  /** With a limit the runs are merged into one, so that memory stays with the limit's entries. */
  *#mergeIntoOne(run: Entry[]): Generator<undefined, void> {
    const limit = this.#limit;
    const before = this.#runs.pop()?.entries ?? [];
    let entries: Entry[] = [];
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
    // Most of the arena is dead: what is left moves to a fresh one.
    if (live * 2 <= this.#heldBytes) {
      const arena = new DocumentArena();
      const moved: Entry[] = [];
      for (const { key, recordId, buffer, start, metadata } of entries) {
        arena.copy(buffer, start, documentEnd(buffer, start));
        moved.push({ key, recordId, buffer: arena.chunk, start: arena.start, metadata });
        if (moved.length % entriesPerWork === 0) yield;
      }
      entries = moved;
      this.#arena = arena;
      this.#heldBytes = live;
    }
    this.#runs.push({ entries, next: 0, order: this.#runs.length });
  }

  /** `#runs` becomes a binary heap by the next entry of each run. */
  #heapify(): void {
    for (let at = (this.#runs.length >> 1) - 1; at >= 0; at--) this.#sink(at);
  }

  #runIsBefore(a: number, b: number): boolean {
    const x = this.#runs[a]!;
    const y = this.#runs[b]!;
    const order = compareEntries(x.entries[x.next]!, y.entries[y.next]!);
    return order === 0 ? x.order < y.order : order < 0;
  }

  #sink(from: number): void {
    const runs = this.#runs;
    for (let at = from; ; ) {
      let least = at;
      const left = 2 * at + 1;
      if (left < runs.length && this.#runIsBefore(left, least)) least = left;
      if (left + 1 < runs.length && this.#runIsBefore(left + 1, least)) least = left + 1;
      if (least === at) return;
      const moved = runs[at]!;
      runs[at] = runs[least]!;
      runs[least] = moved;
      at = least;
    }
  }

  #pull(): WorkResult {
    const run = this.#runs[0];
    if (run === undefined || (this.#limit > 0 && this.#produced === this.#limit)) {
      this.stats.isEof = true;
      return Work.done;
    }
    const entry = run.entries[run.next++]!;
    if (run.next === run.entries.length) {
      const last = this.#runs.pop()!;
      if (last !== run) this.#runs[0] = last;
    }
    this.#sink(0);
    this.buffer = entry.buffer;
    this.start = entry.start;
    this.recordId = entry.recordId;
    this.metadata = entry.metadata;
    this.#produced++;
    this.stats.advanced++;
    return Work.advanced;
  }
}
