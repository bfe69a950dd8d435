/**
 * Walking the bytes of a document without building objects.
 *
 * Everything here trusts its bytes: they were checked by `validateDocument` when they came in.
 * On other bytes the answers are wrong, though reads never leave the buffer.
 */
import { MongoServerError } from '../errors/index.ts';
import { BsonType, type RawValue } from './bson-type.ts';
import { readInt32 } from './little-endian.ts';

/** How a type's length is found: >= 0 is the length itself, the others are named below. */
const lengthRule = new Int8Array(256).fill(-1);
const ruleString = -2;
const ruleOwnLength = -3;
const ruleBinary = -4;
const ruleRegex = -5;
const ruleDbPointer = -6;
lengthRule[BsonType.double] = 8;
lengthRule[BsonType.string] = ruleString;
lengthRule[BsonType.object] = ruleOwnLength;
lengthRule[BsonType.array] = ruleOwnLength;
lengthRule[BsonType.binData] = ruleBinary;
lengthRule[BsonType.undefined] = 0;
lengthRule[BsonType.objectId] = 12;
lengthRule[BsonType.bool] = 1;
lengthRule[BsonType.date] = 8;
lengthRule[BsonType.null] = 0;
lengthRule[BsonType.regex] = ruleRegex;
lengthRule[BsonType.dbPointer] = ruleDbPointer;
lengthRule[BsonType.javascript] = ruleString;
lengthRule[BsonType.symbol] = ruleString;
lengthRule[BsonType.javascriptWithScope] = ruleOwnLength;
lengthRule[BsonType.int] = 4;
lengthRule[BsonType.timestamp] = 8;
lengthRule[BsonType.long] = 8;
lengthRule[BsonType.decimal] = 16;
lengthRule[BsonType.minKey] = 0;
lengthRule[BsonType.maxKey] = 0;

/** Whether the byte is a type of BSON. */
export function isKnownType(type: number): boolean {
  return lengthRule[type] !== -1;
}

/** Where the value of this type that starts at `start` ends (exclusive). */
export function valueEnd(buffer: Buffer, type: number, start: number): number {
  const rule = lengthRule[type]!;
  if (rule >= 0) return start + rule;
  switch (rule) {
    case ruleString:
      return start + 4 + readInt32(buffer, start);
    case ruleOwnLength:
      return start + readInt32(buffer, start);
    case ruleBinary:
      return start + 5 + readInt32(buffer, start);
    case ruleRegex:
      return cstringEnd(buffer, cstringEnd(buffer, start) + 1) + 1;
    case ruleDbPointer:
      return start + 4 + readInt32(buffer, start) + 12;
    default:
      throw new MongoServerError('InvalidBSON', `Unrecognized BSON type: ${type}`);
  }
}

/** The position of the NUL that ends the C string at `start`. */
export function cstringEnd(buffer: Buffer, start: number): number {
  let at = start;
  while (buffer[at]! > 0) at++;
  return at;
}

/** Where the document (or array) that starts at `start` ends, its terminator included. */
export function documentEnd(buffer: Buffer, start: number): number {
  return start + readInt32(buffer, start);
}

/**
 * A walk over the elements of one document or array. One reader can be used again for any number of
 * documents (`reset`); it never allocates but for `name()` and `value()`.
 *
 *     const reader = new ElementReader(buffer, 0);
 *     while (reader.next()) if (reader.nameIs(bytes)) use(reader.type, reader.start, reader.end);
 */
export class ElementReader {
  buffer: Buffer;
  /** The type of the current value. */
  type = 0;
  /** The name without its NUL. */
  nameStart = 0;
  nameEnd = 0;
  /** The value, without type byte and name. */
  start = 0;
  end: number;
  /** The type byte of the current element; the element's end is the value's end. */
  elementStart = 0;

  constructor(buffer: Buffer, documentStart: number) {
    this.buffer = buffer;
    this.end = documentStart + 4;
  }

  reset(buffer: Buffer, documentStart: number): void {
    this.buffer = buffer;
    this.end = documentStart + 4;
  }

  /** Moves to the next element; false when there is none. */
  next(): boolean {
    const buffer = this.buffer;
    const elementStart = this.end;
    const type = buffer[elementStart]!;
    if (!(type > 0)) return false;
    let at = elementStart + 1;
    this.elementStart = elementStart;
    this.type = type;
    this.nameStart = at;
    while (buffer[at]! > 0) at++;
    this.nameEnd = at;
    this.start = at + 1;
    this.end = valueEnd(buffer, type, at + 1);
    return true;
  }

  name(): string {
    return internName(this.buffer, this.nameStart, this.nameEnd);
  }

  nameIs(utf8: Buffer): boolean {
    const start = this.nameStart;
    const length = utf8.length;
    if (this.nameEnd - start !== length) return false;
    const buffer = this.buffer;
    for (let i = 0; i < length; i++) if (buffer[start + i] !== utf8[i]) return false;
    return true;
  }

  value(): RawValue {
    return { buffer: this.buffer, type: this.type, start: this.start, end: this.end };
  }
}

/**
 * The position of the first top-level element with this name (of its type byte), or -1. The value
 * then starts at `position + utf8Name.length + 2`. Allocates nothing: the filter's fast path.
 */
export function findFieldOffset(buffer: Buffer, documentStart: number, utf8Name: Buffer): number {
  const length = utf8Name.length;
  let element = documentStart + 4;
  for (;;) {
    const type = buffer[element]!;
    if (!(type > 0)) return -1;
    const nameStart = element + 1;
    let i = 0;
    while (i < length && buffer[nameStart + i] === utf8Name[i]) i++;
    let at = nameStart + i;
    if (i === length && buffer[at] === 0) return element;
    while (buffer[at]! > 0) at++;
    element = valueEnd(buffer, type, at + 1);
  }
}

/** The first top-level field with this name. */
export function findField(
  buffer: Buffer,
  documentStart: number,
  name: string,
): RawValue | undefined {
  const length = name.length;
  let element = documentStart + 4;
  for (;;) {
    const type = buffer[element]!;
    if (!(type > 0)) return undefined;
    const nameStart = element + 1;
    let i = 0;
    while (i < length) {
      const code = name.charCodeAt(i);
      if (code > 127) return findUtf8Field(buffer, documentStart, Buffer.from(name));
      if (buffer[nameStart + i] !== code) break;
      i++;
    }
    let at = nameStart + i;
    if (i === length && buffer[at] === 0) {
      return { buffer, type, start: at + 1, end: valueEnd(buffer, type, at + 1) };
    }
    while (buffer[at]! > 0) at++;
    element = valueEnd(buffer, type, at + 1);
  }
}

function findUtf8Field(buffer: Buffer, documentStart: number, name: Buffer): RawValue | undefined {
  const element = findFieldOffset(buffer, documentStart, name);
  if (element < 0) return undefined;
  const type = buffer[element]!;
  const start = element + name.length + 2;
  return { buffer, type, start, end: valueEnd(buffer, type, start) };
}

/** The value with bytes of its own, so that it outlives the buffer it was read from. */
export function copyValue(value: RawValue): RawValue {
  const buffer = Buffer.from(value.buffer.subarray(value.start, value.end));
  return { buffer, type: value.type, start: 0, end: buffer.length };
}

const internSlots = 2048;
const internTable: (string | undefined)[] = new Array<string | undefined>(internSlots).fill(
  undefined,
);

/**
 * The bytes as a string, from a small table of strings seen before: field names and short values
 * repeat, and comparing them costs a fraction of what making a string does.
 */
export function internText(buffer: Buffer, start: number, end: number): string {
  return interned(buffer, start, end, false);
}

/**
 * The same for names, which are compared again and again: V8 keeps a string that is the name of a
 * property once, so two of these are compared by identity. Too dear for values that may all differ.
 */
export function internName(buffer: Buffer, start: number, end: number): string {
  return interned(buffer, start, end, true);
}

function interned(buffer: Buffer, start: number, end: number, isName: boolean): string {
  const length = end - start;
  if (length > 32) return buffer.toString('utf8', start, end);
  let hash = length;
  for (let i = start; i < end; i++) hash = (Math.imul(hash, 31) + buffer[i]!) | 0;
  const slot = (hash ^ (hash >>> 11)) & (internSlots - 1);
  const known = internTable[slot];
  if (known !== undefined && known.length === length) {
    let i = 0;
    while (i < length && known.charCodeAt(i) === buffer[start + i]) i++;
    // Only ASCII strings are kept in the table, so equal units mean equal bytes.
    if (i === length) return known;
  }
  const made = buffer.toString('utf8', start, end);
  let ascii = made.length === length;
  for (let i = start; ascii && i < end; i++) ascii = buffer[i]! < 128;
  if (!ascii) return made;
  const kept = isName ? Object.keys({ [made]: 0 })[0]! : made;
  internTable[slot] = kept;
  return kept;
}
