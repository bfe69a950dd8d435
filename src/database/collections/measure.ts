/** How much there is of what: estimates where counting would mean reading everything. */
import {
  type IndexInfo,
  oplogSize,
  type Reader,
  readStat,
  scanIndex,
} from '../../../storage/index.ts';
import type { Database } from '../database.ts';
import { type CappedLimits, cappedLimits, isClustered } from './collection-options.ts';
import { splitNamespace } from './namespaces.ts';
import { shownIndexes, type TimeSeries, timeSeriesOf } from './time-series.ts';

interface DatabaseSize {
  readonly name: string;
  /** Of its documents. */
  readonly bytes: number;
  readonly documents: number;
}

export interface Measured {
  readonly count: number;
  readonly bytes: number;
  readonly indexes: readonly {
    readonly name: string;
    readonly bytes: number;
    readonly isBuilding: boolean;
  }[];
  /** Undefined: the collection is not capped. */
  readonly capped: CappedLimits | undefined;
  readonly isClustered: boolean;
  /** Undefined: the collection is none. */
  readonly timeSeries: TimeSeries | undefined;
}

const nothing: Measured = {
  count: 0,
  bytes: 0,
  indexes: [],
  capped: undefined,
  isClustered: false,
  timeSeries: undefined,
};

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
      const capped = cappedLimits(virtual.collection);
      return { ...nothing, count: documents.length, bytes, capped };
    }
    return { ...nothing, ...oplogSize(reader), capped: cappedLimits(virtual.collection) };
  }
  const info = database.catalog.byNamespace(namespace);
  if (info === undefined) return nothing;
  const { count, bytes } = readStat(reader, info.id);
  const listed = isClustered(info) ? info.indexes.slice(1) : shownIndexes(info);
  const indexes = listed.map((index) => ({
    name: index.name,
    bytes: estimateBytes(reader, index, count),
    isBuilding: index.state === 'building',
  }));
  return {
    count,
    bytes,
    indexes,
    capped: cappedLimits(info),
    isClustered: isClustered(info),
    timeSeries: timeSeriesOf(info),
  };
}

/** Sizes of all databases, by name, those of what the server keeps for itself included. */
export function databaseSizes(database: Database): DatabaseSize[] {
  const sizes = new Map<string, { name: string; bytes: number; documents: number }>();
  const reader = database.engine.latest;
  const add = (name: string, bytes: number, documents: number): void => {
    const size = sizes.get(name) ?? { name, bytes: 0, documents: 0 };
    sizes.set(name, size);
    size.bytes += bytes;
    size.documents += documents;
  };
  for (const info of database.catalog.collections()) {
    const { bytes, count } = readStat(reader, info.id);
    add(splitNamespace(info.namespace).database, bytes, count);
  }
  if (database.replicated) {
    const { bytes, count } = oplogSize(reader);
    add('local', bytes, count);
  }
  for (const { collection, documents } of database.virtualCollections.values()) {
    if (documents === undefined) continue;
    const listed = documents();
    const bytes = listed.reduce((sum, { length }) => sum + length, 0);
    add(splitNamespace(collection.namespace).database, bytes, listed.length);
  }
  return [...sizes.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
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
