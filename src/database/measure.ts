import {
  type IndexInfo,
  oplogSize,
  type Reader,
  readStat,
  scanIndex,
} from '../../storage/index.ts';
import { decodeDocument } from '../bson/index.ts';
import type { Database } from './database.ts';

export interface Measured {
  readonly count: number;
  readonly bytes: number;
  readonly indexes: readonly {
    readonly name: string;
    readonly bytes: number;
    readonly isBuilding: boolean;
  }[];
  /** Of a capped collection (the oplog): its limit. */
  readonly cappedBytes: number | undefined;
}

const nothing: Measured = { count: 0, bytes: 0, indexes: [], cappedBytes: undefined };

/** Entries an index's size is estimated from. */
const sampleEntries = 200;

/** Sizes of a collection; of one that does not exist, zeros. */
export function measure(database: Database, namespace: string): Measured {
  const reader = database.engine.latest;
  const virtual = database.virtualCollections.get(namespace);
  if (virtual !== undefined) {
    if (virtual.documents !== undefined) {
      const documents = virtual.documents();
      const bytes = documents.reduce((sum, { length }) => sum + length, 0);
      return { ...nothing, count: documents.length, bytes };
    }
    const { size } = decodeDocument(virtual.collection.options);
    return { ...nothing, ...oplogSize(reader), cappedBytes: Number(size) };
  }
  const info = database.catalog.byNamespace(namespace);
  if (info === undefined) return nothing;
  const { count, bytes } = readStat(reader, info.id);
  const indexes = info.indexes.map((index) => ({
    name: index.name,
    bytes: estimateBytes(reader, index, count),
    isBuilding: index.state === 'building',
  }));
  return { count, bytes, indexes, cappedBytes: undefined };
}

function estimateBytes(reader: Reader, index: IndexInfo, count: number): number {
  const cursor = scanIndex(reader, index, {});
  let sampled = 0;
  let bytes = 0;
  try {
    while (sampled < sampleEntries && cursor.next()) {
      sampled += 1;
      bytes += 4 + cursor.keyString.length + 8 + cursor.typeBits.length;
    }
  } finally {
    cursor.close();
  }
  return sampled < sampleEntries ? bytes : Math.round((bytes / sampled) * Math.max(count, sampled));
}
