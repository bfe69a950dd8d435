import { defineCommand } from './command.ts';

export const dbStats = defineCommand<{ dbName: string; scale: number }>({
  name: 'dbStats',
  aliases: ['dbstats'],
  help: 'Tells the sizes of the current database.',
  access: 'read',
  runsOn: 'secondaryOk',
  parse(body) {
    body.rejectUnknown(['scale', 'freeStorage']);
    return { dbName: body.database, scale: body.optionalInt('scale', { minimum: 1 }) ?? 1 };
  },
  run({ dbName, scale }, { database }) {
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
    const store = database.engine.stats();
    return {
      db: dbName,
      collections: BigInt(collections.length),
      views: 0n,
      objects: BigInt(objects),
      avgObjSize: objects === 0 ? 0 : bytes / objects,
      dataSize: bytes / scale,
      storageSize: bytes / scale,
      indexes: BigInt(indexes),
      indexSize: indexBytes / scale,
      totalSize: (bytes + indexBytes) / scale,
      scaleFactor: BigInt(scale),
      fsUsedSize: store.fileBytes / scale,
      fsTotalSize: (store.fileBytes + store.freeBytesOnDisk) / scale,
    };
  },
});
