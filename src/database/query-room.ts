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

export {
  type Filter,
  type Projection,
  parseFilter,
  parseSort,
  type SortPattern,
} from '../query/index.ts';

import type { Filter, Projection } from '../query/index.ts';

export function parseProjection(_buffer: Buffer, _start: number): Projection {
  return missing('parseProjection');
}

export interface UpdateResult {
  readonly modified: boolean;
  readonly document: Buffer;
  readonly delta?: Buffer;
  readonly changedPaths: readonly string[];
}

export interface Update {
  readonly isReplacement: boolean;
  apply(document: Buffer, start: number, matchInfo?: unknown): UpdateResult;
}

export function parseUpdate(
  _update: RawValue,
  _options: { readonly arrayFilters?: RawValue; readonly upsert?: boolean },
): Update {
  return missing('parseUpdate');
}

export function buildUpsertDocument(_filter: Filter, _update: Update): Buffer {
  return missing('buildUpsertDocument');
}

export function distinctValues(
  _path: string,
  _buffer: Buffer,
  _start: number,
  _add: (value: RawValue) => void,
): void {
  missing('distinctValues');
}
