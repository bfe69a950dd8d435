/** The replication room: one member's shell around Ark, its transport, and what commands need of both. */
export type { CommittedRead } from './committed-reads.ts';
export {
  type Clock,
  type Environment,
  type Randomness,
  type ReplicationLog,
  systemClock,
  systemRandomness,
  systemTimers,
  type Timers,
} from './environment.ts';
export { isMessage } from './message.ts';
export { TcpTransport, type TcpTransportOptions } from './peer.ts';
export { ReplicaSet } from './replica-set.ts';
export type { ReplicaSetOptions } from './replica-set-options.ts';
export {
  cloneChunkFields,
  gtidOfBinary,
  pullBatchFields,
  readCloneResume,
} from './stream-format.ts';
export type { TopologyVersion } from './topology.ts';
export type {
  CloneChunk,
  CloneRequest,
  LinkFaults,
  PeerLink,
  PullBatch,
  PullRequest,
  Transport,
} from './transport.ts';
export type { RequestedWriteConcern } from './write-concerns.ts';
