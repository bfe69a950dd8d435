/**
 * What a collection and an index are, and where they are kept.
 *
 * A collection or index is a number: its keys start with it, so tens of thousands cost nothing, and a
 * number is never used again, so a drop is one catalog change. Rows of the `catalog` table: collection
 * id u32 -> JSON with the BSON parts in base64.
 */

import type { Reader, WriteTransaction } from './engine.ts';
import { uint32Key } from './key-parts.ts';

export interface IndexKeyPart {
  readonly path: string;
  readonly direction: 1 | -1;
  /** What the key pattern says in place of a direction, which is 1 then. */
  readonly kind?: string;
}

export interface IndexInfo {
  readonly id: number;
  readonly name: string;
  readonly keyPattern: readonly IndexKeyPart[];
  /**
   * A key has one entry, whose value is the record. An index that became unique later keeps the keys it
   * has, with their record ids: what its specification says is checked by who writes.
   */
  readonly unique: boolean;
  readonly isIdIndex: boolean;
  /** BSON, as the client gave it and listIndexes shows it. */
  readonly spec: Buffer;
  /** Per key part: whether some document had an array on its path. */
  readonly multikeyPaths: readonly boolean[];
  readonly state: 'ready' | 'building';
  /** While building: records with ids up to here have their keys; later ones get them from the build. */
  readonly buildPosition?: number;
  /** While building: id of the first index of the command, for all its indexes become ready together. */
  readonly buildGroup?: number;
  /** While building: who must have built it, too, before it is ready; absent: nobody. */
  readonly commitQuorum?: CommitQuorum;
}

/** So many voting members that bear data, `votingMembers` for all of them, `majority`, or a mode of the configuration. */
export type CommitQuorum = number | string;

export interface CollectionInfo {
  readonly id: number;
  /** 16 bytes. */
  readonly uuid: Buffer;
  readonly namespace: string;
  /** BSON, as the client gave them and listCollections shows them. */
  readonly options: Buffer;
  readonly indexes: readonly IndexInfo[];
  readonly table: 'doc' | 'oplog';
  /** Collection id u32; empty for the oplog, which has a table to itself. */
  readonly keyPrefix: Buffer;
}

/** Makes a `CollectionInfo` from its parts. */
export function makeCollectionInfo(
  parts: Omit<CollectionInfo, 'keyPrefix' | 'table'> & { readonly table?: 'doc' | 'oplog' },
): CollectionInfo {
  const table = parts.table ?? 'doc';
  return {
    ...parts,
    table,
    keyPrefix: table === 'oplog' ? Buffer.alloc(0) : uint32Key(parts.id),
  };
}

/** All collections at one moment; a change makes a new state. */
export class CatalogState {
  static readonly empty = new CatalogState([]);

  readonly #byId: ReadonlyMap<number, CollectionInfo>;
  readonly #byNamespace: ReadonlyMap<string, CollectionInfo>;
  readonly #byUuid: ReadonlyMap<string, CollectionInfo>;

  constructor(collections: Iterable<CollectionInfo>) {
    const byId = new Map<number, CollectionInfo>();
    const byNamespace = new Map<string, CollectionInfo>();
    const byUuid = new Map<string, CollectionInfo>();
    for (const info of collections) {
      if (byNamespace.has(info.namespace)) {
        throw new Error(`two collections are called ${info.namespace}`);
      }
      byId.set(info.id, info);
      byNamespace.set(info.namespace, info);
      byUuid.set(info.uuid.toString('hex'), info);
    }
    this.#byId = byId;
    this.#byNamespace = byNamespace;
    this.#byUuid = byUuid;
  }

  get size(): number {
    return this.#byId.size;
  }

  collections(): IterableIterator<CollectionInfo> {
    return this.#byId.values();
  }

  byId(id: number): CollectionInfo | undefined {
    return this.#byId.get(id);
  }

  byNamespace(namespace: string): CollectionInfo | undefined {
    return this.#byNamespace.get(namespace);
  }

  byUuid(uuid: Buffer): CollectionInfo | undefined {
    return this.#byUuid.get(uuid.toString('hex'));
  }

  indexById(id: number): { collection: CollectionInfo; index: IndexInfo } | undefined {
    for (const collection of this.#byId.values()) {
      const index = collection.indexes.find((candidate) => candidate.id === id);
      if (index !== undefined) return { collection, index };
    }
    return undefined;
  }

  /** Adds the collection, or replaces the one of the same id. */
  with(info: CollectionInfo): CatalogState {
    const next = new Map(this.#byId);
    next.set(info.id, info);
    return new CatalogState(next.values());
  }

  without(id: number): CatalogState {
    const next = new Map(this.#byId);
    next.delete(id);
    return new CatalogState(next.values());
  }
}

interface CatalogRow {
  readonly id: number;
  readonly uuid: string;
  readonly namespace: string;
  readonly options: string;
  readonly table: 'doc' | 'oplog';
  readonly indexes: readonly (Omit<IndexInfo, 'spec'> & { readonly spec: string })[];
}

export function encodeCollection(info: CollectionInfo): Buffer {
  const row: CatalogRow = {
    id: info.id,
    uuid: info.uuid.toString('base64'),
    namespace: info.namespace,
    options: info.options.toString('base64'),
    table: info.table,
    indexes: info.indexes.map((index) => ({ ...index, spec: index.spec.toString('base64') })),
  };
  return Buffer.from(JSON.stringify(row));
}

export function decodeCollection(bytes: Buffer): CollectionInfo {
  const row = JSON.parse(bytes.toString()) as CatalogRow;
  return makeCollectionInfo({
    id: row.id,
    uuid: Buffer.from(row.uuid, 'base64'),
    namespace: row.namespace,
    options: Buffer.from(row.options, 'base64'),
    table: row.table,
    indexes: row.indexes.map((index) => ({ ...index, spec: Buffer.from(index.spec, 'base64') })),
  });
}

/** Every collection the reader sees. */
export function loadCatalog(reader: Reader): CatalogState {
  const collections: CollectionInfo[] = [];
  const cursor = reader.cursor('catalog', {});
  try {
    while (cursor.next()) collections.push(decodeCollection(cursor.value));
  } finally {
    cursor.close();
  }
  return new CatalogState(collections);
}

/** Inserts or replaces the row of the collection. */
export function putCollection(transaction: WriteTransaction, info: CollectionInfo): void {
  transaction.put('catalog', uint32Key(info.id), encodeCollection(info));
}

/** Only the row: see `dropCollectionData` for what it leaves behind. */
export function deleteCollection(transaction: WriteTransaction, id: number): boolean {
  return transaction.delete('catalog', uint32Key(id));
}

const nextIdKey = Buffer.from('nextCatalogId');

/** A number that no collection or index of this store ever had. */
export function allocateCatalogId(transaction: WriteTransaction): number {
  const id = transaction.get('meta', nextIdKey)?.readUInt32BE(0) ?? 1;
  if (id >= 0xffff_ffff) throw new Error('all catalog ids are used up');
  transaction.put('meta', nextIdKey, uint32Key(id + 1));
  return id;
}

/** An id was handed out elsewhere (the primary): never hand it out here. */
export function reserveCatalogId(transaction: WriteTransaction, id: number): void {
  const next = transaction.get('meta', nextIdKey)?.readUInt32BE(0) ?? 1;
  if (id >= next) transaction.put('meta', nextIdKey, uint32Key(id + 1));
}
