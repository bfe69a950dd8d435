/**
 * The one check of a document's bytes, where they come in. Everything else in this room and above
 * trusts bytes that passed here.
 *
 * Iterative: how deep a document nests costs a slot in an array, not stack. Checked are lengths
 * (each within its parent, each document ending exactly where it says), terminators, types, UTF-8 of
 * strings and names, booleans, inner lengths of binary subtype 2. Not checked: the names of an
 * array's elements, and that names differ: MongoDB takes both.
 */
import { isUtf8 } from 'node:buffer';
import { MongoServerError } from '../errors/index.ts';
import { BsonType } from './bson-type.ts';
import { isKnownType } from './element-reader.ts';
import { readInt32 } from './little-endian.ts';

/** Documents in documents, the outermost counted (MongoDB's limit; ours for objects in memory too). */
export const maxDocumentDepth = 200;

/** Of a command: it is one document more around what it is about. */
export const maxCommandDepth = maxDocumentDepth + 1;

const smallestDocument = 5;

export interface ValidateOptions {
  /** Default 200, at most `maxCommandDepth`. */
  readonly maxDepth?: number;
}

/** Ends of the open documents, outermost first. Nothing here calls back, so one is enough. */
const openEnds = new Float64Array(maxCommandDepth + 1);

function refuse(what: string, at: number): never {
  throw new MongoServerError('InvalidBSON', `invalid BSON: ${what} at offset ${at}`);
}

function tooDeep(): MongoServerError {
  return new MongoServerError(
    'Overflow',
    `BSONObj exceeds maximum nested object depth: ${maxDocumentDepth}`,
  );
}

/**
 * Checks the document at `start`, which must end at or before `limit`, and returns where it ends.
 *
 * @throws MongoServerError Overflow when it nests too deep, else InvalidBSON, whose offset counts from
 *   `start`.
 */
export function validateDocument(
  buffer: Buffer,
  start: number,
  limit: number,
  options: ValidateOptions = {},
): number {
  const maxDepth = Math.min(options.maxDepth ?? maxDocumentDepth, maxCommandDepth);
  const outerEnd = openDocument(buffer, start, Math.min(limit, buffer.length), start);
  openEnds[0] = outerEnd;
  let depth = 1;
  let end = outerEnd;
  let at = start + 4;
  for (;;) {
    const type = buffer[at]!;
    if (type === 0) {
      if (at !== end - 1) refuse('a document ends before its length', at - start);
      at = end;
      depth--;
      if (depth === 0) return outerEnd;
      end = openEnds[depth - 1]!;
      continue;
    }
    if (at >= end - 1) refuse('a document without its terminator', at - start);
    const value = nameEnd(buffer, at + 1, end, start) + 1;
    if (type === BsonType.object || type === BsonType.array) {
      if (depth >= maxDepth) throw tooDeep();
      end = openDocument(buffer, value, end - 1, start);
      openEnds[depth++] = end;
      at = value + 4;
    } else if (type === BsonType.javascriptWithScope) {
      if (depth >= maxDepth) throw tooDeep();
      const scope = scopeStart(buffer, value, end - 1, start);
      end = openDocument(buffer, scope, end - 1, start);
      openEnds[depth++] = end;
      at = scope + 4;
    } else {
      at = validateScalar(buffer, type, value, end - 1, start);
    }
  }
}

/** Checks a document's length and last byte; returns its end. `limit` is exclusive. */
function openDocument(buffer: Buffer, at: number, limit: number, base: number): number {
  if (at + smallestDocument > limit) refuse('a document is cut off', at - base);
  const length = readInt32(buffer, at);
  if (length < smallestDocument || length > limit - at) {
    refuse(`a document with the length ${length}`, at - base);
  }
  if (buffer[at + length - 1] !== 0) refuse('a document without its terminator', at - base);
  return at + length;
}

/** Returns where the scope begins; the value must end exactly where the scope does. */
function scopeStart(buffer: Buffer, at: number, limit: number, base: number): number {
  if (at + 4 + 5 + smallestDocument > limit) refuse('code with scope is cut off', at - base);
  const length = readInt32(buffer, at);
  if (length < 4 + 5 + smallestDocument || length > limit - at) {
    refuse(`code with scope with the length ${length}`, at - base);
  }
  const scope = stringEnd(buffer, at + 4, at + length, base);
  if (scope + 4 > at + length || readInt32(buffer, scope) !== at + length - scope) {
    refuse('code with scope whose lengths differ', at - base);
  }
  return scope;
}

/** Returns where the name's NUL is. */
function nameEnd(buffer: Buffer, start: number, limit: number, base: number): number {
  let at = start;
  let seen = 0;
  for (let byte = buffer[at]!; byte > 0; byte = buffer[++at]!) seen |= byte;
  if (at >= limit) refuse('a name or regular expression is cut off', start - base);
  if (seen > 127 && !isUtf8(buffer.subarray(start, at))) refuse('bad UTF-8', start - base);
  return at;
}

/** Returns where the string (length, bytes, NUL) ends. */
function stringEnd(buffer: Buffer, start: number, limit: number, base: number): number {
  if (start + 5 > limit) refuse('a string is cut off', start - base);
  const length = readInt32(buffer, start);
  if (length < 1 || length > limit - start - 4) {
    refuse(`a string with the length ${length}`, start - base);
  }
  const end = start + 4 + length;
  if (buffer[end - 1] !== 0) refuse('a string without its terminator', start - base);
  let seen = 0;
  // Beyond some 120 bytes the native check is faster than a loop.
  if (length > 120) seen = 255;
  else for (let at = start + 4; at < end; at++) seen |= buffer[at]!;
  if (seen > 127 && !isUtf8(buffer.subarray(start + 4, end))) refuse('bad UTF-8', start - base);
  return end;
}

/** Checks a value that holds no document; returns its end. */
function validateScalar(
  buffer: Buffer,
  type: number,
  at: number,
  limit: number,
  base: number,
): number {
  switch (type) {
    case BsonType.string:
    case BsonType.symbol:
    case BsonType.javascript:
      return stringEnd(buffer, at, limit, base);
    case BsonType.int:
      return fixedEnd(at, 4, limit, base);
    case BsonType.double:
    case BsonType.long:
    case BsonType.date:
    case BsonType.timestamp:
      return fixedEnd(at, 8, limit, base);
    case BsonType.objectId:
      return fixedEnd(at, 12, limit, base);
    case BsonType.decimal:
      return fixedEnd(at, 16, limit, base);
    case BsonType.bool: {
      const end = fixedEnd(at, 1, limit, base);
      if (buffer[at]! > 1) refuse(`a boolean of value ${buffer[at]}`, at - base);
      return end;
    }
    case BsonType.binData:
      return binaryEnd(buffer, at, limit, base);
    case BsonType.regex:
      return nameEnd(buffer, nameEnd(buffer, at, limit, base) + 1, limit, base) + 1;
    case BsonType.dbPointer:
      return fixedEnd(stringEnd(buffer, at, limit, base), 12, limit, base);
    default:
      if (!isKnownType(type)) refuse(`the unknown type ${type}`, at - base);
      // null, undefined, MinKey, MaxKey.
      return at;
  }
}

function fixedEnd(at: number, length: number, limit: number, base: number): number {
  if (at + length > limit) refuse('a value is cut off', at - base);
  return at + length;
}

function binaryEnd(buffer: Buffer, at: number, limit: number, base: number): number {
  fixedEnd(at, 5, limit, base);
  const length = readInt32(buffer, at);
  if (length < 0 || length > limit - at - 5) {
    refuse(`binary data with the length ${length}`, at - base);
  }
  if (buffer[at + 4] === 2 && (length < 4 || readInt32(buffer, at + 5) !== length - 4)) {
    refuse('binary data whose lengths differ', at - base);
  }
  return at + 5 + length;
}
