import { bucketsOf, type Database } from '../../database/index.ts';

export interface CollectionStats {
  readonly size: number;
  readonly count?: number;
  readonly avgObjSize?: number;
  readonly [field: string]: unknown;
}

/**
 * What collStats and `$collStats` say of a collection, in units of `scale` bytes. All collections share
 * one file, so `storageSize` is what the documents take, and index sizes are measured by a sample.
 */
export function collectionStats(
  database: Database,
  namespace: string,
  scale: number,
): CollectionStats {
  const measured = database.measure(namespace);
  const scaled = (bytes: number): number => Math.floor(bytes / scale);
  const indexSizes: Record<string, number> = {};
  let totalIndexSize = 0;
  for (const { name, bytes } of measured.indexes) {
    indexSizes[name] = scaled(bytes);
    totalIndexSize += bytes;
  }
  const { count, bytes, capped } = measured;
  return {
    size: scaled(bytes),
    // Of a time series the buckets are counted, of which there are none.
    ...(measured.timeSeries === undefined
      ? { count, ...(count > 0 ? { avgObjSize: Math.floor(bytes / count) } : {}) }
      : { timeseries: { bucketsNs: bucketsOf(namespace), bucketCount: 0 } }),
    numOrphanDocs: 0,
    storageSize: scaled(bytes),
    freeStorageSize: 0,
    totalIndexSize: scaled(totalIndexSize),
    totalSize: scaled(bytes + totalIndexSize),
    indexSizes,
    nindexes: measured.indexes.length,
    indexBuilds: measured.indexes.filter(({ isBuilding }) => isBuilding).map(({ name }) => name),
    scaleFactor: scale,
    ...(measured.isClustered ? { clustered: true } : {}),
    capped: capped !== undefined,
    ...(capped === undefined
      ? {}
      : {
          max: Number.isFinite(capped.documentsMax) ? capped.documentsMax : 0,
          maxSize: scaled(capped.bytesMax),
        }),
  };
}
