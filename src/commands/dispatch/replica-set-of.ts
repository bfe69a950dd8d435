import { MongoServerError } from '../../errors/index.ts';
import { ReplicaSet } from '../../replication/index.ts';
import type { CommandContext } from '../command.ts';

/** The member's replica set, or MongoDB's refusal for a server that was started without one. */
export function replicaSetOf(context: CommandContext): ReplicaSet {
  const { replicaSet } = context;
  if (replicaSet instanceof ReplicaSet) {
    return replicaSet;
  }
  throw new MongoServerError('NoReplicationEnabled', 'not running with --replSet');
}
