/**
 * The weights of characters: what the root collation says, or what a locale changes in it.
 *
 * A collation element is two numbers, as in ICU: the primary weight (32 bits), and the secondary
 * weight (16 bits) above the tertiary one (16 bits, with two bits for the case on top).
 */
import type { NumberReader } from './read-table.ts';

/** Secondary and tertiary weight of most elements. */
export const commonWeights = 0x05000500;

/** Primary and lower weights in turn, for one or more elements. */
export type Elements = Uint32Array;

/** Where the elements of a character are in `WeightTable.elements`. */
export interface Span {
  readonly offset: number;
  readonly count: number;
}

/** Characters in a row that have elements of their own, as a tree. */
export interface ContractionNode {
  elements: Elements | undefined;
  readonly next: Map<number, ContractionNode>;
}

/** The elements of a character behind others; the longest row of others stands first. */
export interface PrefixEntry {
  readonly before: readonly number[];
  readonly elements: Elements;
}

interface Range {
  readonly start: number;
  readonly end: number;
  readonly primary: number;
  readonly step: number;
}

const pageBits = 7;
const pageSize = 1 << pageBits;

export class WeightTable {
  /** The elements of single characters, two numbers for each. */
  readonly elements: Uint32Array;
  readonly contractions = new Map<number, ContractionNode>();
  readonly prefixes = new Map<number, PrefixEntry[]>();
  /** Where runs of primaries start, rising, and what is added to their lead byte, modulo 256. */
  readonly reordering: { readonly from: number; readonly added: number }[] = [];
  /** For each page of characters where it starts in `#entries`; 0: no character of it is known. */
  readonly #pages = new Uint16Array(0x110000 >> pageBits);
  /** 0: unknown; else (offset << 6 | count) + 1. Page 0 is the empty page. */
  #entries = new Uint32Array(pageSize);
  readonly #ranges: Range[] = [];

  constructor(numbers: NumberReader) {
    const pool = readPool(numbers);
    for (let left = numbers.next(); left > 0; left--) {
      const start = numbers.next();
      const end = start + numbers.next();
      this.#ranges.push({ start, end, primary: numbers.next(), step: numbers.next() });
    }
    this.elements = this.#readSingles(numbers, pool);
    readStrings(numbers, pool, (first, rest, elements) => {
      let root = this.contractions.get(first);
      if (root === undefined) {
        root = { elements: undefined, next: new Map() };
        this.contractions.set(first, root);
      }
      if (rest.length > 0) addContraction(root, rest, elements);
    });
    readStrings(numbers, pool, (last, before, elements) => {
      const entries = this.prefixes.get(last) ?? [];
      this.prefixes.set(last, entries);
      if (before.length > 0) entries.push({ before, elements });
      entries.sort((a, b) => b.before.length - a.before.length);
    });
    for (let left = numbers.next(); left > 0; left--) {
      this.reordering.push({ from: numbers.next(), added: numbers.next() });
    }
  }

  /** The entry of a character: 0 when the table has none, else `entrySpan` tells where its elements are. */
  entry(codePoint: number): number {
    const page = this.#pages[codePoint >> pageBits]!;
    return this.#entries[page * pageSize + (codePoint & (pageSize - 1))]!;
  }

  /** The primary of a character in a range (with common lower weights), else 0. */
  rangePrimary(codePoint: number, compressible: ReadonlySet<number>): number {
    let low = 0;
    let high = this.#ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#ranges[middle]!.end <= codePoint) low = middle + 1;
      else high = middle;
    }
    const range = this.#ranges[low];
    if (range === undefined || codePoint < range.start) return 0;
    return stepPrimary(
      range.primary,
      compressible.has(range.primary >>> 24),
      (codePoint - range.start) * range.step,
    );
  }

  #readSingles(numbers: NumberReader, pool: Elements): Uint32Array {
    const size = numbers.next();
    const points = new Uint32Array(size);
    const counts = new Uint8Array(size);
    let pages = 1;
    for (let i = 0, point = 0; i < size; i++) {
      point += numbers.next();
      points[i] = point;
      if (this.#pages[point >> pageBits] === 0) this.#pages[point >> pageBits] = pages++;
    }
    let total = 0;
    for (let i = 0; i < size; i++) {
      counts[i] = numbers.next();
      total += counts[i]!;
    }
    const elements = new Uint32Array(total * 2);
    const entries = new Uint32Array(pages * pageSize);
    for (let i = 0, offset = 0, index = 0; i < size; i++) {
      const point = points[i]!;
      const count = counts[i]!;
      entries[this.#pages[point >> pageBits]! * pageSize + (point & (pageSize - 1))] =
        (offset << 6) + count + 1;
      for (let left = count; left > 0; left--, offset++) {
        index += numbers.nextSigned();
        elements[offset * 2] = pool[index * 2]!;
        elements[offset * 2 + 1] = pool[index * 2 + 1]!;
      }
    }
    this.#entries = entries;
    return elements;
  }
}

/** The first element of an entry that is not 0, as an index into `elements`. */
export function entryOffset(entry: number): number {
  return ((entry - 1) >>> 6) * 2;
}

/** How many elements an entry that is not 0 has; none: the character is ignored. */
export function entryCount(entry: number): number {
  return (entry - 1) & 63;
}

function readPool(numbers: NumberReader): Elements {
  const size = numbers.next();
  const pool = new Uint32Array(size * 2);
  let primary = 0;
  for (let i = 0; i < size; i++) {
    primary += numbers.next();
    pool[i * 2] = primary;
  }
  for (let i = 0; i < size; i++) pool[i * 2 + 1] = numbers.next() << 16;
  for (let i = 0; i < size; i++) pool[i * 2 + 1]! |= numbers.next();
  return pool;
}

/** Calls back for every string of every character; with no rest for the character as such. */
function readStrings(
  numbers: NumberReader,
  pool: Elements,
  add: (codePoint: number, others: readonly number[], elements: Elements) => void,
): void {
  for (let left = numbers.next(); left > 0; left--) {
    const codePoint = numbers.next();
    const count = numbers.next();
    add(codePoint, [], new Uint32Array());
    for (let i = 0; i < count; i++) {
      const others = Array.from({ length: numbers.next() }, () => numbers.next());
      const elements = new Uint32Array(numbers.next() * 2);
      for (let at = 0; at < elements.length; at += 2) {
        const index = numbers.next();
        elements[at] = pool[index * 2]!;
        elements[at + 1] = pool[index * 2 + 1]!;
      }
      add(codePoint, others, elements);
    }
  }
}

function addContraction(root: ContractionNode, rest: readonly number[], elements: Elements): void {
  let node = root;
  for (const codePoint of rest) {
    let next = node.next.get(codePoint);
    if (next === undefined) {
      next = { elements: undefined, next: new Map() };
      node.next.set(codePoint, next);
    }
    node = next;
  }
  node.elements = elements;
}

/** The three-byte primary `offset` places after another. Bytes 0 and 1 (and 3, FF where leads are compressed) are not used. */
function stepPrimary(primary: number, isCompressible: boolean, offset: number): number {
  let left = offset + ((primary >>> 8) & 0xff) - 2;
  const third = (left % 254) + 2;
  left = Math.floor(left / 254);
  const firstSecond = isCompressible ? 4 : 2;
  const seconds = isCompressible ? 251 : 254;
  left += ((primary >>> 16) & 0xff) - firstSecond;
  const second = (left % seconds) + firstSecond;
  const lead = (primary >>> 24) + Math.floor(left / seconds);
  return lead * 0x1000000 + second * 0x10000 + third * 0x100;
}
