/**
 * A 32-bit hash that agrees with `compareValues`: what compares equal hashes alike (1, 1.0,
 * NumberLong(1) and NumberDecimal("1.0"); the string and the symbol of the same text). Not for disk:
 * it may change from version to version.
 */
import { BsonType } from './bson-type.ts';
import type { Collation } from './collation.ts';
import { canonicalType } from './compare.ts';
import { cstringEnd, valueEnd } from './element-reader.ts';
import { readInt32 } from './little-endian.ts';
import { toNumber } from './number.ts';

const scratch = new Float64Array(1);
const scratchInts = new Int32Array(scratch.buffer);

function mix(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  const h = hash ^ Math.imul(k, 0x1b873593);
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

function finish(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * The hash of one value, an unsigned 32-bit number; hashes can be chained by the seed. Under a
 * collation equal texts hash alike.
 */
export function hashValue(
  buffer: Buffer,
  type: number,
  start: number,
  seed = 0,
  collation?: Collation,
): number {
  return finish(mixValue(seed, buffer, type, start, collation));
}

function mixValue(
  seed: number,
  buffer: Buffer,
  type: number,
  start: number,
  collation?: Collation,
): number {
  const hash = mix(seed, canonicalType(type));
  switch (type) {
    case BsonType.int:
    case BsonType.double:
    case BsonType.long:
    case BsonType.decimal:
      return mixNumber(hash, toNumber(buffer, type, start));
    case BsonType.object:
      return mixElements(hash, buffer, start, true, collation);
    case BsonType.array:
      return mixElements(hash, buffer, start, false, collation);
    case BsonType.string:
    case BsonType.symbol: {
      if (collation === undefined) break;
      const key = collation.key(buffer, start + 4, start + 3 + readInt32(buffer, start));
      return mixBytes(hash, key, 0, key.length);
    }
    case BsonType.bool:
      return mix(hash, buffer[start] !== 0 ? 1 : 0);
    case BsonType.javascriptWithScope: {
      const code = readInt32(buffer, start + 4);
      const scope = start + 8 + code;
      return mixElements(mixBytes(hash, buffer, start + 8, scope), buffer, scope, true);
    }
  }
  return mixBytes(hash, buffer, start, valueEnd(buffer, type, start));
}

/** Equal numbers of different types have the same nearest double. */
function mixNumber(hash: number, value: number): number {
  if (Number.isNaN(value)) return mix(hash, 0x7ff80000);
  scratch[0] = value + 0;
  return mix(mix(hash, scratchInts[0]!), scratchInts[1]!);
}

function mixBytes(seed: number, buffer: Buffer, start: number, end: number): number {
  let hash = mix(seed, end - start);
  let at = start;
  for (; at + 4 <= end; at += 4) hash = mix(hash, readInt32(buffer, at));
  for (; at < end; at++) hash = mix(hash, buffer[at]!);
  return hash;
}

function mixElements(
  seed: number,
  buffer: Buffer,
  start: number,
  withNames: boolean,
  collation?: Collation,
): number {
  let hash = seed;
  let at = start + 4;
  for (;;) {
    const type = buffer[at]!;
    if (!(type > 0)) return mix(hash, 0);
    const nameEnd = cstringEnd(buffer, at + 1);
    if (withNames) hash = mixBytes(hash, buffer, at + 1, nameEnd);
    hash = mixValue(hash, buffer, type, nameEnd + 1, collation);
    at = valueEnd(buffer, type, nameEnd + 1);
  }
}
