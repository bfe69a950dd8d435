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

/** Sets; with two record ids and tags each the table takes 3 MB once it is full. */
const sets = 1 << 17;
/** Longer ids are not worth hashing. */
const maxIdLength = 64;

/** The bits of a hash that do not choose the set, so that one in 2^15 wrong hints costs a read. */
const tags = new Uint32Array(sets * 2);
const recordIds = new Float64Array(sets * 2);

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
  const first = (hash & (sets - 1)) * 2;
  if (tags[first] === hash) return recordIds[first]!;
  return tags[first + 1] === hash ? recordIds[first + 1]! : 0;
}

/** The document of this hash was found in this record. */
export function rememberRecord(hash: number, recordId: number): void {
  const first = (hash & (sets - 1)) * 2;
  if (tags[first] !== hash) {
    tags[first + 1] = tags[first]!;
    recordIds[first + 1] = recordIds[first]!;
    tags[first] = hash;
  }
  recordIds[first] = recordId;
}
