/**
 * The keys a document has in an index: the server's BtreeKeyGenerator. A missing field is null, an
 * empty array is undefined, an array gives one key for each element; of the fields of a compound
 * index at most one array may be expanded (code 171).
 */
import {
  BsonType,
  type Collation,
  findFieldOffset,
  KeyStringWriter,
  type RawValue,
  valueEnd,
} from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { missingType } from './filter-node.ts';
import { type Path, visitElements } from './path.ts';
import { arrayOnPath, SlotTable } from './slot-table.ts';

export interface IndexKey {
  readonly keyString: Buffer;
  readonly typeBits: Buffer;
}

export interface KeyPatternField {
  readonly path: string;
  readonly direction: 1 | -1;
}

export interface IndexKeys {
  /** Distinct, in ascending order. */
  readonly keys: IndexKey[];
  /** Per field of the pattern: did an array stand on its path? */
  readonly multikey: boolean[];
}

/** What a parallel-array error is for: an index (171) or a sort (2). */
export type ParallelArrays = (first: string, second: string) => MongoServerError;

const nothing = Buffer.alloc(5);
const undefinedValue: RawValue = { buffer: nothing, type: BsonType.undefined, start: 0, end: 0 };
const nullValue: RawValue = { buffer: nothing, type: BsonType.null, start: 0, end: 0 };
/** Indexed like null, but told from a null that is there: by its identity. */
const missingValue: RawValue = { ...nullValue };

const parallelInIndex: ParallelArrays = (first, second) =>
  new MongoServerError(
    'CannotIndexParallelArrays',
    `cannot index parallel arrays [${first}] [${second}]`,
  );

/** One for all extractors: a key is finished before the next one is begun. */
const writer = new KeyStringWriter();

export interface KeyExtractorOptions {
  readonly parallel?: ParallelArrays;
  /** No key stands for a document, or an element of an array in it, that has none of the fields. */
  readonly isSparse?: boolean;
  /** Keys hold its keys in place of texts. */
  readonly collation?: Collation | undefined;
}

/** Extracts keys for one pattern; made once and used for many documents. */
export class KeyExtractor {
  readonly #slots = new SlotTable();
  readonly #fieldSlots: number[];
  readonly #paths: Path[];
  readonly descending: readonly boolean[];
  readonly #single: boolean[];
  readonly #parallel: ParallelArrays;
  readonly #isSparse: boolean;
  readonly #collation: Collation | undefined;

  constructor(
    pattern: readonly KeyPatternField[],
    { parallel = parallelInIndex, isSparse = false, collation }: KeyExtractorOptions = {},
  ) {
    this.#fieldSlots = pattern.map((field) => this.#slots.slotOf(field.path));
    this.#paths = this.#fieldSlots.map((slot) => this.#slots.paths[slot]!);
    this.descending = pattern.map((field) => field.direction === -1);
    this.#single = pattern.map(() => false);
    this.#parallel = parallel;
    this.#isSparse = isSparse;
    this.#collation = collation;
  }

  /** Of a sparse pattern there may be none. */
  keys(buffer: Buffer, document: number): IndexKeys {
    if (this.#fill(buffer, document)) {
      const keys = this.#isSparse && this.#isMissing() ? [] : [this.#keyOfSlots(buffer)];
      return { keys, multikey: this.#single };
    }
    const multikey = this.#single.map(() => false);
    let combinations: RawValue[][] = [];
    this.#expand(buffer, document, combinations, multikey);
    if (this.#isSparse) {
      combinations = combinations.filter((values) => values.some((one) => one !== missingValue));
    }
    const keys: IndexKey[] = combinations.map((values) => this.#keyOf(values));
    keys.sort((a, b) => a.keyString.compare(b.keyString) || a.typeBits.compare(b.typeBits));
    return { keys: keys.filter((key, at) => at === 0 || !same(key, keys[at - 1]!)), multikey };
  }

  /** The least key of the document: what it sorts by. */
  leastKeyString(buffer: Buffer, document: number): Buffer {
    if (this.#fill(buffer, document)) {
      this.#writeSlots(buffer);
      return writer.finish();
    }
    return this.keys(buffer, document).keys[0]!.keyString;
  }

  /** Finds the values; false when an array is among them or on the way. */
  #fill(buffer: Buffer, document: number): boolean {
    this.#slots.fill(buffer, document);
    const { types } = this.#slots;
    for (const slot of this.#fieldSlots) {
      const type = types[slot]!;
      if (type === BsonType.array || type === arrayOnPath) return false;
    }
    return true;
  }

  /** Whether none of the fields was found. */
  #isMissing(): boolean {
    return this.#fieldSlots.every((slot) => this.#slots.types[slot] === missingType);
  }

  #writeSlots(buffer: Buffer): void {
    const { types, starts } = this.#slots;
    writer.reset(this.#collation);
    for (let field = 0; field < this.#fieldSlots.length; field++) {
      const slot = this.#fieldSlots[field]!;
      const type = types[slot]!;
      const descending = this.descending[field]!;
      if (type === missingType) writer.appendMissing(descending);
      else writer.append(buffer, type, starts[slot]!, descending);
    }
  }

  #keyOfSlots(buffer: Buffer): IndexKey {
    this.#writeSlots(buffer);
    const typeBits = writer.typeBits();
    return { keyString: writer.finish(), typeBits };
  }

  #keyOf(values: readonly RawValue[]): IndexKey {
    writer.reset(this.#collation);
    for (let field = 0; field < values.length; field++) {
      const { buffer, type, start } = values[field]!;
      writer.append(buffer, type, start, this.descending[field]!);
    }
    const typeBits = writer.typeBits();
    return { keyString: writer.finish(), typeBits };
  }

  #expand(buffer: Buffer, document: number, combinations: RawValue[][], multikey: boolean[]): void {
    const fields: Field[] = this.#paths.map((path) => ({
      path,
      at: 0,
      value: undefined,
      indexed: undefined,
    }));
    expandFields(buffer, document, fields, combinations, multikey, this.#parallel);
  }
}

function same(a: IndexKey, b: IndexKey): boolean {
  return a.keyString.equals(b.keyString) && a.typeBits.equals(b.typeBits);
}

/** A field of the pattern while its value is looked for. */
interface Field {
  readonly path: Path;
  /** The next component to look up; the path's length when the end is reached. */
  readonly at: number;
  /** Set once the value is settled. */
  readonly value: RawValue | undefined;
  /** The element of the array being expanded that the next component addresses by position. */
  readonly indexed: RawValue | undefined;
}

const emptyDocument = Buffer.from([5, 0, 0, 0, 0]);

/** One level of the expansion: looks every unsettled field up in the document, then expands one array. */
function expandFields(
  buffer: Buffer,
  document: number,
  fields: readonly Field[],
  combinations: RawValue[][],
  multikey: boolean[],
  parallel: ParallelArrays,
): void {
  const next: Field[] = [];
  const arrayFields: number[] = [];
  let array: RawValue | undefined;
  let arrayName = '';
  let expandsNested = true;
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i]!;
    if (field.value !== undefined) {
      next.push(field);
      continue;
    }
    const found = lookUp(buffer, document, field);
    if (found === undefined) {
      next.push({ ...field, value: missingValue });
      continue;
    }
    if (found.throughIndexedArray) expandsNested = false;
    const { value, at } = found;
    if (value.type !== BsonType.array) {
      const isEnd = at === field.path.length;
      next.push({ ...field, at, value: isEnd ? value : nullValue, indexed: undefined });
      continue;
    }
    const name = field.path[at - 1]!.name;
    if (array === undefined) {
      array = value;
      arrayName = name;
    } else if (array.start !== value.start) throw parallel(name, arrayName);
    arrayFields.push(i);
    multikey[i] = true;
    next.push({ ...field, at, indexed: undefined });
  }
  if (array === undefined) {
    combinations.push(next.map((field) => field.value!));
    return;
  }
  const whole = array;
  const expandWith = (element: RawValue, positions: boolean): void => {
    const fixed = next.map((field, i): Field => {
      if (field.value !== undefined || !arrayFields.includes(i)) return field;
      if (field.at === field.path.length) {
        return { ...field, value: expandsNested ? element : whole };
      }
      if (!positions) return field;
      const { index } = field.path[field.at]!;
      return { ...field, indexed: index < 0 ? undefined : elementAt(whole, index) };
    });
    const isDocument = element.type === BsonType.object;
    expandFields(
      isDocument ? element.buffer : emptyDocument,
      isDocument ? element.start : 0,
      fixed,
      combinations,
      multikey,
      parallel,
    );
  };
  let isEmpty = true;
  visitElements(whole.buffer, whole.start, (bytes, type, start) => {
    isEmpty = false;
    expandWith({ buffer: bytes, type, start, end: valueEnd(bytes, type, start) }, true);
    return false;
  });
  if (isEmpty) expandWith(undefinedValue, false);
}

interface Found {
  readonly value: RawValue;
  readonly at: number;
  readonly throughIndexedArray: boolean;
}

/** Follows the field's path as far as documents go: to its end, an array, or nothing. */
function lookUp(buffer: Buffer, document: number, field: Field): Found | undefined {
  const { path, indexed } = field;
  const first = findFieldOffset(buffer, document, path[field.at]!.bytes);
  if (first >= 0) {
    if (indexed !== undefined) {
      throw new MongoServerError(
        16746,
        `Ambiguous field name found in array (do not use numeric field names in embedded elements in an array), field: '${path[field.at]!.name}' for array: ${path[field.at - 1]!.name}`,
      );
    }
    return follow(buffer, document, path, field.at, false);
  }
  if (indexed === undefined) return undefined;
  const at = field.at + 1;
  if (indexed.type === BsonType.array) return { value: indexed, at, throughIndexedArray: true };
  if (at === path.length) return { value: indexed, at, throughIndexedArray: false };
  if (indexed.type !== BsonType.object) return undefined;
  return follow(indexed.buffer, indexed.start, path, at, false);
}

function follow(
  buffer: Buffer,
  document: number,
  path: Path,
  from: number,
  throughIndexedArray: boolean,
): Found | undefined {
  let current = document;
  for (let at = from; ; at++) {
    const { bytes } = path[at]!;
    const element = findFieldOffset(buffer, current, bytes);
    if (element < 0) return undefined;
    const type = buffer[element]!;
    const start = element + bytes.length + 2;
    if (at === path.length - 1 || type === BsonType.array) {
      const value = { buffer, type, start, end: valueEnd(buffer, type, start) };
      return { value, at: at + 1, throughIndexedArray };
    }
    if (type !== BsonType.object) return undefined;
    current = start;
  }
}

function elementAt(array: RawValue, wanted: number): RawValue | undefined {
  let value: RawValue | undefined;
  visitElements(array.buffer, array.start, (buffer, type, start, index) => {
    if (index !== wanted) return false;
    value = { buffer, type, start, end: valueEnd(buffer, type, start) };
    return true;
  });
  return value;
}
