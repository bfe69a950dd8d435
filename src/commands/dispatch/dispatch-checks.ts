/** What dispatch checks of every command before it runs: database, role, cluster time. */
import { Timestamp } from 'bson';
import { BsonType, findField } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { Command } from '../command.ts';
import type { CommandBody } from './command-body.ts';
import type { ReplicaSetView } from './replica-set-view.ts';

const databasePattern = /^[^/\\. "$\0]+$/;
const lastDatabases = new Set<string>();

export function databaseName(body: CommandBody): string {
  const name = body.optionalString('$db');
  if (name === undefined)
    throw new MongoServerError(40571, 'OP_MSG requests require a $db argument');
  if (lastDatabases.has(name)) return name;
  const valid =
    name === '$external' || (databasePattern.test(name) && Buffer.byteLength(name) < 64);
  if (!valid) {
    throw new MongoServerError('InvalidNamespace', `Invalid database name: '${name}'`);
  }
  // Names that have passed once, so that the usual request pays one lookup.
  if (lastDatabases.size < 1000) lastDatabases.add(name);
  return name;
}

/** `mode` of the read preference. */
export function checkRole(
  command: Command,
  mode: string,
  dbName: string,
  replicaSet: ReplicaSetView,
): void {
  if (command.runsOn === 'anyMember' || replicaSet.role === 'primary') return;
  // The database `local` is each member's own.
  if (dbName === 'local' && replicaSet.role === 'secondary') return;
  if (command.runsOn === 'primary') throw new MongoServerError('NotWritablePrimary', 'not primary');
  if (mode === 'primary') {
    throw new MongoServerError('NotPrimaryNoSecondaryOk', 'not primary and secondaryOk=false');
  }
  if (replicaSet.role === 'other') {
    throw new MongoServerError(
      'NotPrimaryOrSecondary',
      replicaSet.stateName === 'RECOVERING'
        ? 'node is recovering'
        : 'node is not in primary or recovering state',
    );
  }
}

/** MongoDB's maxAcceptableLogicalClockDriftSecs: one year. */
export const clusterTimeDriftMaxSecs = 365 * 24 * 60 * 60;

/** A wrong clock somewhere must not carry this set's times to where they can rise no further. */
function checkDrift(time: Timestamp, wallMs: number): void {
  const wallSecs = Math.floor(wallMs / 1000);
  if (time.getHighBitsUnsigned() - wallSecs <= clusterTimeDriftMaxSecs) return;
  throw new MongoServerError(
    'ClusterTimeFailsRateLimiter',
    `New cluster time, ${shown(time)}, is too far from this node's wall clock time, ${wallSecs}.`,
  );
}

/** Throws when a read waits for a time that nobody has shown this member. */
export function checkAfterClusterTime(time: Timestamp, replicaSet: ReplicaSetView): void {
  const newest = replicaSet.clusterTime()?.clusterTime;
  if (newest === undefined || time.lessThanOrEqual(newest)) return;
  throw new MongoServerError(
    'InvalidOptions',
    `readConcern afterClusterTime value must not be greater than the current clusterTime. Requested clusterTime: ${shown(time)}; current clusterTime: ${shown(newest)}`,
  );
}

function shown(time: Timestamp): string {
  return `Timestamp(${time.getHighBitsUnsigned()}, ${time.getLowBitsUnsigned()})`;
}

/** `wallMs` reads the member's clock: a time far ahead of it is refused. */
export function observeClusterTime(
  body: CommandBody,
  replicaSet: ReplicaSetView,
  wallMs: () => number,
): void {
  const gossip = body.optionalDocument('$clusterTime');
  if (gossip === undefined) return;
  const shownTime = findField(gossip.buffer, gossip.start, 'clusterTime');
  if (shownTime === undefined || shownTime.type !== BsonType.timestamp) {
    throw new MongoServerError(
      'TypeMismatch',
      "BSON field '$clusterTime.clusterTime' is the wrong type, expected type 'timestamp'",
    );
  }
  const { buffer, start } = shownTime;
  const i = buffer.readUInt32LE(start);
  const t = buffer.readUInt32LE(start + 4);
  // What most clients show is what they were told here.
  const newest = replicaSet.clusterTime()?.clusterTime;
  if (newest !== undefined && !isAfter(t, i, newest)) return;
  const clusterTime = new Timestamp({ t, i });
  checkDrift(clusterTime, wallMs());
  replicaSet.observeClusterTime(clusterTime);
}

function isAfter(t: number, i: number, other: Timestamp): boolean {
  const otherT = other.getHighBitsUnsigned();
  return t > otherT || (t === otherT && i > other.getLowBitsUnsigned());
}
