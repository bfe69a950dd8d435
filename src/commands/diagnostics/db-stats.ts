import { Double } from 'bson';
import { viewsOf } from '../../database/index.ts';
import { defineCommand } from '../command.ts';

interface DbStats {
  readonly dbName: string;
  readonly scale: number;
  readonly freeStorage: boolean;
}

export const dbStats = defineCommand<DbStats>({
  name: 'dbStats',
  aliases: ['dbstats'],
  help: 'Tells the sizes of the current database.',
  access: 'read',
  runsOn: 'secondaryOk',
  parse(body) {
    body.rejectUnknown(['scale', 'freeStorage']);
    return {
      dbName: body.database,
      scale: body.optionalInt('scale', { minimum: 1 }) ?? 1,
      freeStorage: body.optionalBool('freeStorage') ?? false,
    };
  },
  run({ dbName, scale, freeStorage }, { database }) {
    let objects = 0;
    let bytes = 0;
    let indexes = 0;
    let indexBytes = 0;
    const collections = database.listedCollections(dbName);
    for (const { namespace } of collections) {
      const measured = database.measure(namespace);
      objects += measured.count;
      bytes += measured.bytes;
      indexes += measured.indexes.length;
      for (const index of measured.indexes) indexBytes += index.bytes;
    }
    const { catalog, engine } = database;
    const views = viewsOf({ catalog, reader: engine.latest }, dbName);
    const store = engine.stats();
    const scaled = (size: number): Double => new Double(size / scale);
    return {
      db: dbName,
      collections: BigInt(collections.length),
      views: BigInt(views.length),
      objects: BigInt(objects),
      avgObjSize: new Double(objects === 0 ? 0 : bytes / objects),
      dataSize: scaled(bytes),
      storageSize: scaled(bytes),
      // Freed pages belong to the store, not to a database.
      ...(freeStorage && { freeStorageSize: scaled(0) }),
      indexes: BigInt(indexes),
      indexSize: scaled(indexBytes),
      ...(freeStorage && { indexFreeStorageSize: scaled(0) }),
      totalSize: scaled(bytes + indexBytes),
      ...(freeStorage && { totalFreeStorageSize: scaled(0) }),
      scaleFactor: BigInt(scale),
      fsUsedSize: scaled(store.fileBytes),
      fsTotalSize: scaled(store.fileBytes + store.freeBytesOnDisk),
    };
  },
});
