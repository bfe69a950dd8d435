/**
 * The read and write concern of commands that name none: what `setDefaultRWConcern` has stored for the whole set, else ours. They are
 * one document in `config.settings`, as in MongoDB, replicated and rolled back like any other; so it is looked up anew
 * each time, which costs sets that never stored one a look into the catalog.
 */
import { decodeDocument, encodeDocument, type RawValue } from '../../bson/index.ts';
import { type Database, pointLookup } from '../../database/index.ts';
import { defaultReadConcern, type ReadConcern, type ReadConcernLevel } from './read-concern.ts';
import { defaultWriteConcern, type WriteConcern } from './write-concern.ts';

export const defaultsNamespace = 'config.settings';
export const defaultsFilter = rawDocument({ _id: 'ReadWriteConcernDefaults' });

/** The stored document, in MongoDB's form. */
export interface StoredConcerns {
  readonly defaultReadConcern?: { readonly level: ReadConcernLevel };
  readonly defaultWriteConcern?: Pick<WriteConcern, 'w' | 'j' | 'wtimeout'>;
  readonly updateOpTime?: unknown;
  readonly updateWallClockTime?: Date;
}

/** The collection is open to clients: what they wrote there that is no concern counts for nothing. */
export function storedConcerns(database: Database): StoredConcerns {
  if (database.catalog.byNamespace(defaultsNamespace) === undefined) return {};
  const found = pointLookup(database, 'local', defaultsNamespace, { filter: defaultsFilter });
  if (found === undefined || found === null) return {};
  const {
    defaultReadConcern: read,
    defaultWriteConcern: write,
    ...update
  } = decodeDocument(found, 0) as StoredConcerns;
  return {
    ...update,
    ...(defaultLevels.has(read?.level) ? { defaultReadConcern: read } : {}),
    ...(isWriteConcern(write) ? { defaultWriteConcern: write } : {}),
  } as StoredConcerns;
}

const defaultLevels: ReadonlySet<unknown> = new Set(['local', 'available', 'majority']);

function isWriteConcern(value: unknown): boolean {
  const { w, wtimeout } = (value ?? {}) as Record<string, unknown>;
  const isMembers = typeof w === 'number' && w > 0;
  const isNamed = typeof w === 'string' || (typeof w === 'object' && w !== null);
  return (isMembers || isNamed) && Number.isFinite(Number(wtimeout));
}

export function defaultReadConcernOf(database: Database): ReadConcern {
  if (database.catalog.byNamespace(defaultsNamespace) === undefined) return defaultReadConcern;
  const { defaultReadConcern: stored } = storedConcerns(database);
  return stored === undefined
    ? defaultReadConcern
    : { level: stored.level, provenance: 'customDefault' };
}

export function defaultWriteConcernOf(database: Database): WriteConcern {
  if (database.catalog.byNamespace(defaultsNamespace) === undefined) return defaultWriteConcern;
  const { defaultWriteConcern: stored } = storedConcerns(database);
  return stored === undefined
    ? defaultWriteConcern
    : { ...stored, wtimeout: Number(stored.wtimeout), provenance: 'customDefault' };
}

/** What both commands answer. */
export function concernsReply(database: Database): Record<string, unknown> {
  const {
    defaultReadConcern: read,
    defaultWriteConcern: write,
    ...update
  } = storedConcerns(database);
  return {
    defaultReadConcern: read ?? { level: defaultReadConcern.level },
    defaultWriteConcern: write ?? { w: defaultWriteConcern.w, wtimeout: 0 },
    ...(update.updateOpTime === undefined
      ? {}
      : {
          updateOpTime: update.updateOpTime,
          updateWallClockTime: update.updateWallClockTime,
        }),
    defaultWriteConcernSource: write === undefined ? 'implicit' : 'global',
    defaultReadConcernSource: read === undefined ? 'implicit' : 'global',
    localUpdateWallClockTime: new Date(database.now()),
  };
}

export function rawDocument(fields: Record<string, unknown>): RawValue {
  const buffer = encodeDocument(fields);
  return { buffer, type: 3, start: 0, end: buffer.length };
}
