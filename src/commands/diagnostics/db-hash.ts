import { hashCollections } from '../../database/index.ts';
import { defineCommand } from '../command.ts';

export const dbHash = defineCommand<{ dbName: string; only: readonly string[] | undefined }>({
  name: 'dbHash',
  aliases: ['dbhash'],
  help: 'Hashes the collections of the current database, to compare members.',
  access: 'read',
  runsOn: 'anyMember',
  parse(body) {
    body.rejectUnknown(['collections', 'skipTempCollections']);
    const only = body.decode('collections');
    return { dbName: body.database, only: Array.isArray(only) ? only.map(String) : undefined };
  },
  async run({ dbName, only }, { database, operation, server }) {
    const started = performance.now();
    const { collections, md5, uuids } = await hashCollections(database, operation, dbName, only);
    return {
      host: server.host,
      collections,
      capped: [],
      uuids,
      md5,
      timeMillis: Math.round(performance.now() - started),
    };
  },
});
