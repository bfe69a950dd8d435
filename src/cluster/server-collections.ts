/** Collections in which tools look for facts of the server. Nobody stores them: they are made when read. */
import { hostname } from 'node:os';
import { encodeDocument } from '../bson/index.ts';
import { featureCompatibilityVersion, serverVersion } from '../commands/index.ts';
import { type Database, encodeOptions, listedCollection } from '../database/index.ts';
import { MongoServerError } from '../errors/index.ts';
import type { ReplicaSet } from '../replication/index.ts';

/** MongoDB's size of the log of starts, in bytes. */
const startupLogBytesMax = 10 * 1024 * 1024;

/** `admin.system.version`: what the server is compatible with. So there always is a database `admin`. */
export function offerVersion(database: Database): void {
  const document = encodeDocument({
    _id: 'featureCompatibilityVersion',
    version: featureCompatibilityVersion,
  });
  offer(database, 'admin.system.version', () => [document]);
}

/** `local.startup_log`: this start; those before it are in the server's log. */
export function offerStartupLog(database: Database, pid: number): void {
  const startTime = new Date(database.now());
  const host = hostname();
  const document = encodeDocument({
    _id: `${host}-${startTime.getTime()}`,
    hostname: host,
    startTime,
    startTimeLocal: startTime.toString(),
    pid: BigInt(pid),
    buildinfo: { version: serverVersion },
  });
  const options = encodeOptions({ capped: true, size: startupLogBytesMax });
  offer(database, 'local.startup_log', () => [document], options);
}

/** `local.system.replset`: the configuration. */
export function offerConfig(database: Database, replicaSet: ReplicaSet): void {
  offer(database, 'local.system.replset', () => {
    try {
      return [encodeDocument(replicaSet.config())];
    } catch (error) {
      if (error instanceof MongoServerError && error.is('NotYetInitialized')) return [];
      throw error;
    }
  });
}

function offer(
  database: Database,
  namespace: string,
  documents: () => readonly Buffer[],
  options: Buffer = encodeOptions({}),
): void {
  const listed = listedCollection(namespace, documents, { options, uuid: Buffer.alloc(16) });
  database.virtualCollections.set(namespace, listed);
}
