/**
 * Where the document with a given `_id` was found last: collection and id -> record id.
 *
 * A hint, never an answer: who takes one looks whether the record it leads to has that very `_id`. An
 * `_id` is in a collection once in any state of the store, so a document that has it is the one the
 * `_id` index would lead to, and nothing needs to be told here of writes, drops or rollbacks.
 *
 * A table of fixed size: sets of two, of which the newer one is first and the older one goes.
 */
import type { RawValue } from '../bson/index.ts';

const sets = 1 << 17;
/** Numbers of a set: hash and record id of the newer one, then of the older one. */
const setSize = 4;
/** Longer ids are not worth hashing. */
const maxIdLength = 64;

/**
 * 4 MB once it is full. A whole hash tells entries apart, so that one in 2^15 wrong hints costs a read; it
 * stands beside its record id, so that a look costs one line of the processor's cache.
 */
const hints = new Float64Array(sets * setSize);

export function isHintable(id: RawValue): boolean {
  return id.end - id.start <= maxIdLength;
}

/** 32 bits over the collection, the type and the bytes of the value: FNV-1a, then mixed. */
export function hintHash(collectionId: number, { buffer, type, start, end }: RawValue): number {
  let hash = Math.imul(0x811c9dc5 ^ collectionId, 0x01000193) ^ type;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ buffer[at]!, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

/** A record id that may hold the document of this hash; 0 when nothing is known of it. */
export function hintedRecord(hash: number): number {
  const newer = (hash & (sets - 1)) * setSize;
  if (hints[newer] === hash) return hints[newer + 1]!;
  return hints[newer + 2] === hash ? hints[newer + 3]! : 0;
}

/** The document of this hash was found in this record. */
export function rememberRecord(hash: number, recordId: number): void {
  const newer = (hash & (sets - 1)) * setSize;
  if (hints[newer] !== hash) {
    hints[newer + 2] = hints[newer]!;
    hints[newer + 3] = hints[newer + 1]!;
    hints[newer] = hash;
  }
  hints[newer + 1] = recordId;
}
