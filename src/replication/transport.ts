/**
 * How members reach each other, in the shell's own words: one-way messages, a stream of oplog
 * entries, a stream of a whole snapshot, and single requests. `peer.ts` says it over TCP; a
 * simulator says it over a queue.
 */
import type { Gtid } from '../ark/gtid.ts';
import type { Message } from '../ark/messages.ts';

/** The hash of an oplog entry: the running hash over everything up to and including it. */
export type EntryHash = bigint;

/** Asks for the entries from `from` on, that one included: it proves that the logs agree there. */
export interface PullRequest {
  readonly setName: string;
  readonly memberId: number;
  readonly from: Gtid;
  /** Walk towards older entries instead, to find the common point before a rollback. */
  readonly reverse: boolean;
  /**
   * For a delayed member: entries whose wall time (milliseconds since 1970) is later are not sent, and the stream ends where the
   * first of them stands. The entry at `from` always comes.
   */
  readonly untilWallMs?: number;
}

export interface PullBatch {
  readonly entries: readonly Buffer[];
  /** The source's newest entry when the batch left. */
  readonly position: Gtid;
  /** The oldest entry the source had when the stream began: older positions can no longer be followed. */
  readonly oldest: Gtid;
  readonly commitPoint: Gtid;
  readonly term: number;
  readonly rollbackId: number;
  /** The member the source itself pulls from, to refuse cycles. */
  readonly syncSource: number | undefined;
}

/** Asks for one pinned snapshot; `resume` names one the source still holds and where it broke off. */
export interface CloneRequest {
  readonly setName: string;
  readonly memberId: number;
  readonly resume?: { readonly snapshotId: string; readonly table: string; readonly after: Buffer };
}

/** Consecutive keys of one table of the snapshot, in key order. */
export interface CloneChunk {
  readonly snapshotId: string;
  readonly rollbackId: number;
  readonly table: string;
  readonly keys: readonly Buffer[];
  readonly values: readonly Buffer[];
  /** The last chunk of all; it carries the last entry inside the snapshot. */
  readonly end?: { readonly lastEntry: Gtid; readonly commitPoint: Gtid };
}

/** The way to one other member. It opens what it needs on demand and reopens what broke. */
export interface PeerLink {
  readonly host: string;
  /** One-way; may be lost. Never throws and never waits. */
  send(message: Message): void;
  /** One request, one reply; throws MongoServerError for a refusal, HostUnreachable otherwise. */
  request(command: Record<string, unknown>, timeoutMs: number): Promise<Record<string, unknown>>;
  pull(request: PullRequest, signal: AbortSignal): AsyncIterable<PullBatch>;
  clone(request: CloneRequest, signal: AbortSignal): AsyncIterable<CloneChunk>;
  /** Gives up the present message connection; the next message makes a new one. */
  reset(): void;
  close(): void;
}

export interface Transport {
  /** `onDisconnected` is called at once when an established message connection is lost. */
  link(from: string, to: string, onDisconnected: () => void): PeerLink;
  /** Asked for every message that arrives: false when it was lost on its way (fault injection). */
  mayReceive(from: string, to: string, message: Message): boolean;
}

/** What is under way between two members: the kind of a message, or what a connection is for. */
export type TrafficKind = Message['kind'] | 'pull' | 'clone' | 'request' | 'connect';

/**
 * Faults between members, for the in-process cluster. Asked on connect, on send and on receive,
 * so both directions of a link can be cut apart, and kinds of messages alone; client connections
 * are never touched.
 */
export interface LinkFaults {
  isCut(from: string, to: string, kind: TrafficKind): boolean;
  /** Called when the cuts change, so that open streams can be torn. Returns the unsubscriber. */
  onChange(listener: () => void): () => void;
}
