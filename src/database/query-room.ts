/** Stand-ins until the updates of `src/query` have landed; then this file goes. */
import type { RawValue } from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import type { Filter } from '../query/index.ts';

function missing(what: string): never {
  throw new MongoServerError('NotImplemented', `${what} has not landed yet`);
}

export function applyDelta(_document: Buffer, _start: number, _delta: Buffer): Buffer {
  return missing('applyDelta');
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
