import { hashCollections } from '../../database/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { defineCommand } from '../command.ts';

export const dbHash = defineCommand<{ dbName: string; only: readonly string[] | undefined }>({
  name: 'dbHash',
  aliases: ['dbhash'],
  help: 'Hashes the collections of the current database, to compare members.',
  access: 'read',
  runsOn: 'anyMember',
  parse(body) {
    body.rejectUnknown(['collections', 'skipTempCollections']);
    return { dbName: body.database, only: readNames(body.decode('collections')) };
  },
  async run({ dbName, only }, { database, operation, server }) {
    const started = performance.now();
    const { collections, md5, uuids, capped } = await hashCollections(
      database,
      operation,
      dbName,
      only,
    );
    return {
      host: server.host,
      collections,
      capped,
      uuids,
      md5,
      timeMillis: Math.round(performance.now() - started),
    };
  },
});

/** What is no array names all collections. */
function readNames(names: unknown): string[] | undefined {
  if (!Array.isArray(names)) return undefined;
  return names.map((name) => {
    if (typeof name === 'string') return name;
    throw new MongoServerError('BadValue', 'collections entries have to be strings');
  });
}
