/**
 * What dispatch and hello need to know of a replica set, in this room's words. The class of
 * `src/replication` satisfies it; tests pass a stub.
 */
import type { ObjectId, Timestamp } from 'bson';
import type { Operation } from './operation.ts';
import type { WriteConcern } from './write-concern.ts';

/** (term, opid) of an oplog entry. */
export interface OplogPosition {
  readonly term: number;
  readonly opid: number;
}

/** `other`: starting, recovering, rolling back, removed, not yet initiated. */
export type ServingRole = 'primary' | 'secondary' | 'other';

/** Changes whenever a hello would answer something else. */
export interface TopologyVersion {
  readonly processId: ObjectId;
  readonly counter: bigint;
}

export interface ReplicaSetView {
  readonly role: ServingRole;
  /** MongoDB's name of the member's state. */
  readonly stateName: string;
  /** The tenure's on a primary, on others the highest known. */
  readonly term: number;
  readonly topologyVersion: TopologyVersion;
  /**
   * The replica set's fields of a hello reply: setName, hosts, passives, arbiters, setVersion,
   * isWritablePrimary, secondary, primary, me, electionId, lastWrite, hidden, passive, tags,
   * secondaryDelaySecs; before initiation: isWritablePrimary false, secondary false, isreplicaset
   * true, info.
   */
  hello(): Record<string, unknown>;
  /**
   * Resolves when the counter of `topologyVersion` is no longer `counter`, or after `timeoutMs`.
   * Rejects with the reason of `signal` when that is aborted.
   */
  awaitTopologyChange(
    counter: bigint,
    options: { readonly signal: AbortSignal; readonly timeoutMs: number },
  ): Promise<void>;
  /** The newest cluster time known, and the time of the newest entry here. Undefined: no entry yet. */
  clusterTime(): { clusterTime: Timestamp; operationTime: Timestamp } | undefined;
  /** A client has seen this cluster time: never answer with an older one. */
  observeClusterTime(time: Timestamp): void;
  /**
   * Resolves when the entry (or, undefined, the newest entry of this member) has reached the
   * members `writeConcern` asks for. Rejects with MongoServerError: WriteConcernFailed at
   * wtimeout, UnknownReplWriteConcern, UnsatisfiableWriteConcern, PrimarySteppedDown,
   * MaxTimeMSExpired, Interrupted: dispatch makes the reply's writeConcernError of it.
   */
  awaitWriteConcern(
    position: OplogPosition | undefined,
    writeConcern: WriteConcern,
    operation: Operation,
  ): Promise<void>;
  /**
   * Before a read with `level`: resolves when the database can give a state that contains all that
   * was committed when this was called.
   */
  prepareRead?(level: string, operation: Operation, isCausal: boolean): Promise<void>;
  /**
   * After a linearizable read in the tenure `term`: resolves when a majority has proved that this member led still, and what it
   * held is committed. Rejects with PrimarySteppedDown when the tenure is over.
   */
  confirmLead(term: number, operation: Operation): Promise<void>;
  /** Resolves when an entry at or after `time` has been applied here (afterClusterTime). */
  awaitClusterTime(time: Timestamp, operation: Operation): Promise<void>;
}
