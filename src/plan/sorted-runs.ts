/**
 * Sorted runs and their merging: how a sort keeps each call of `work` short, and how it gets by with less
 * memory than it has documents. A run is in memory or in a spill file; equal keys keep the order of the
 * runs, which is the order of arrival.
 */
import type { SpillFile } from '../../storage/index.ts';
import { BsonType, DocumentWriter, documentEnd, ElementReader } from '../bson/index.ts';
import type { Metadata } from '../expressions/index.ts';

export interface SortEntry {
  readonly key: Buffer;
  readonly recordId: number;
  /** Where the document is. */
  readonly buffer: Buffer;
  readonly start: number;
  readonly metadata: Metadata | undefined;
}

export function compareEntries(a: SortEntry, b: SortEntry): number {
  return a.key.compare(b.key);
}

/** Entries in their order; never empty. */
export interface SortedRun {
  readonly current: SortEntry;
  /** Goes to the next entry; false at the end. */
  advance(): boolean;
}

export class MemoryRun implements SortedRun {
  readonly entries: readonly SortEntry[];
  #at = 0;

  constructor(entries: readonly SortEntry[]) {
    this.entries = entries;
  }

  get current(): SortEntry {
    return this.entries[this.#at]!;
  }

  advance(): boolean {
    this.#at++;
    return this.#at < this.entries.length;
  }
}

/** Several runs as one: a binary heap by the current entry of each. */
export class RunMerge {
  readonly #heap: { readonly run: SortedRun; readonly order: number }[];

  /** In the order of arrival of their entries. */
  constructor(runs: readonly SortedRun[]) {
    this.#heap = runs.map((run, order) => ({ run, order }));
    for (let at = (this.#heap.length >> 1) - 1; at >= 0; at--) this.#sink(at);
  }

  /** The least entry; undefined at the end of all. */
  get current(): SortEntry | undefined {
    return this.#heap[0]?.run.current;
  }

  advance(): void {
    const heap = this.#heap;
    const least = heap[0];
    if (least === undefined) return;
    if (!least.run.advance()) {
      const last = heap.pop()!;
      if (last !== least) heap[0] = last;
    }
    this.#sink(0);
  }

  #isBefore(a: number, b: number): boolean {
    const x = this.#heap[a]!;
    const y = this.#heap[b]!;
    const order = compareEntries(x.run.current, y.run.current);
    return order === 0 ? x.order < y.order : order < 0;
  }

  #sink(from: number): void {
    const heap = this.#heap;
    for (let at = from; ; ) {
      let least = at;
      const left = 2 * at + 1;
      if (left < heap.length && this.#isBefore(left, least)) least = left;
      if (left + 1 < heap.length && this.#isBefore(left + 1, least)) least = left + 1;
      if (least === at) return;
      const moved = heap[at]!;
      heap[at] = heap[least]!;
      heap[least] = moved;
      at = least;
    }
  }
}

/** Bytes written and read at once; a larger entry is a block of its own. */
const blockBytes = 256 * 1024;
/** Of an entry in a file: its length, that of the key, that of the metadata, the record id. */
const headBytes = 20;

/** Writes one run behind what the file has. */
export class RunWriter {
  readonly #file: SpillFile;
  readonly #from: number;
  #block = Buffer.allocUnsafeSlow(blockBytes);
  #used = 0;

  constructor(file: SpillFile) {
    this.#file = file;
    this.#from = file.bytes;
  }

  /** True when a block went to the file. Throws `OutOfSpace`. */
  add({ key, recordId, buffer, start, metadata }: SortEntry): boolean {
    const end = documentEnd(buffer, start);
    const more = metadata === undefined ? undefined : encodeMetadata(metadata);
    const length = headBytes + key.length + (more?.length ?? 0) + (end - start);
    const isFull = this.#used > 0 && this.#used + length > this.#block.length;
    if (isFull) this.#flush();
    if (length > this.#block.length) this.#block = Buffer.allocUnsafeSlow(length);
    const block = this.#block;
    let at = this.#used;
    block.writeUInt32LE(length, at);
    block.writeUInt32LE(key.length, at + 4);
    block.writeUInt32LE(more?.length ?? 0, at + 8);
    block.writeDoubleLE(recordId, at + 12);
    at += headBytes;
    at += key.copy(block, at);
    if (more !== undefined) at += more.copy(block, at);
    at += buffer.copy(block, at, start, end);
    this.#used = at;
    return isFull;
  }

  finish(): SortedRun {
    this.#flush();
    return new SpilledRun(this.#file, this.#from, this.#file.bytes);
  }

  #flush(): void {
    this.#file.append(this.#block.subarray(0, this.#used));
    this.#used = 0;
  }
}

/** A run in a file, between two of its bytes; holds a block of it. */
class SpilledRun implements SortedRun {
  readonly #file: SpillFile;
  /** Of the first byte behind `#block`. */
  #position: number;
  readonly #end: number;
  /** A new one each time: whoever took an entry may still look at it. */
  #block: Buffer = Buffer.alloc(0);
  #at = 0;
  current: SortEntry;

  constructor(file: SpillFile, from: number, end: number) {
    this.#file = file;
    this.#position = from;
    this.#end = end;
    this.current = this.#read();
  }

  advance(): boolean {
    if (this.#at === this.#block.length && this.#position === this.#end) return false;
    this.current = this.#read();
    return true;
  }

  #read(): SortEntry {
    this.#hold(headBytes);
    const length = this.#block.readUInt32LE(this.#at);
    this.#hold(length);
    const block = this.#block;
    const keyLength = block.readUInt32LE(this.#at + 4);
    const metadataLength = block.readUInt32LE(this.#at + 8);
    const recordId = block.readDoubleLE(this.#at + 12);
    const keyStart = this.#at + headBytes;
    const metadataStart = keyStart + keyLength;
    const start = metadataStart + metadataLength;
    this.#at += length;
    return {
      key: block.subarray(keyStart, metadataStart),
      recordId,
      buffer: block,
      start,
      metadata: metadataLength === 0 ? undefined : decodeMetadata(block, metadataStart),
    };
  }

  /** Sees to it that the block has so many bytes from `#at` on. */
  #hold(bytes: number): void {
    const left = this.#block.length - this.#at;
    if (left >= bytes) return;
    const position = this.#position - left;
    const length = Math.min(Math.max(blockBytes, bytes), this.#end - position);
    this.#block = this.#file.read(position, length);
    this.#at = 0;
    this.#position = position + length;
  }
}

/** The metadata that are numbers, not values of a document. */
const numberWords: ReadonlySet<string> = new Set<keyof Metadata>([
  'textScore',
  'geoNearDistance',
  'recordId',
]);

function encodeMetadata(metadata: Metadata): Buffer {
  const writer = new DocumentWriter();
  writer.startDocument();
  for (const [word, value] of Object.entries(metadata)) {
    if (typeof value === 'number') writer.double(word, value);
    else if (value !== undefined) writer.raw(word, value);
  }
  writer.end();
  return writer.finish();
}

function decodeMetadata(buffer: Buffer, start: number): Metadata {
  const metadata: Record<string, unknown> = {};
  const reader = new ElementReader(buffer, start);
  while (reader.next()) {
    const word = reader.name();
    const value = reader.value();
    metadata[word] =
      numberWords.has(word) && value.type === BsonType.double
        ? buffer.readDoubleLE(value.start)
        : value;
  }
  return metadata;
}
