/** Stand-ins until `src/query` and the key strings of `src/bson` have landed; then this file goes. */
import type { RawValue } from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';

export interface IndexKey {
  readonly keyString: Buffer;
  readonly typeBits: Buffer;
}

function missing(what: string): never {
  throw new MongoServerError('NotImplemented', `${what} has not landed yet`);
}

export function indexKeys(
  _pattern: readonly { readonly path: string }[],
  _buffer: Buffer,
  _start: number,
): { keys: IndexKey[]; multikey: boolean[] } {
  return missing('indexKeys');
}

export function applyDelta(_document: Buffer, _start: number, _delta: Buffer): Buffer {
  return missing('applyDelta');
}

export function decodeKeyString(_key: Buffer, _bits: Buffer, _descending: boolean[]): RawValue[] {
  return missing('decodeKeyString');
}
