/**
 * What a command is: one value that declares its facts and has two functions. `parse` is the only
 * place that reads raw fields, `run` answers. Everything a command needs from the server arrives
 * in its context, so a command reads no clock of its own, opens no socket and asks for no role:
 * `dispatch` derives those checks from the declaration.
 */
import type { Database } from '../database/index.ts';
import type { ClientConnection } from './dispatch/client-connection.ts';
import type { CommandBody } from './dispatch/command-body.ts';
import type { Counters } from './dispatch/counters.ts';
import type { FailPoints } from './dispatch/fail-points.ts';
import type { Operation, OperationRegistry } from './dispatch/operation.ts';
import type { Profiler } from './dispatch/profiler.ts';
import type { ReadConcern } from './dispatch/read-concern.ts';
import type { ReplicaSetView } from './dispatch/replica-set-view.ts';
import type { ServerParameters } from './dispatch/server-parameters.ts';
import type { WriteConcern } from './dispatch/write-concern.ts';

export type { Database };

/** Tied to the class of `src/replication` as soon as that room has landed. */
export type ReplicaSet = ReplicaSetView;

/** Fields of a reply; `dispatch` adds ok, operationTime, $clusterTime. See `encodeDocument`. */
export type ReplyDocument = Record<string, unknown>;

/**
 * Replies of an exhaust stream. Each yielded document is sent with moreToCome, the returned one
 * (or an empty one) ends the stream. The next is asked for only when the socket has drained. When
 * the client goes away, `operation.signal` is aborted and the generator's `return` is called.
 */
export interface ReplyStream {
  readonly stream: AsyncGenerator<ReplyDocument, ReplyDocument | undefined>;
}

export type Reply = ReplyDocument | ReplyStream;

/** `internal`: only other members may send it. `none`: no privilege is needed. */
export type Access = 'none' | 'read' | 'write' | 'admin' | 'internal';

/**
 * - `primary`: others answer NotWritablePrimary (but in database `local`).
 * - `secondaryOk`: a secondary answers when the read preference allows it.
 * - `anyMember`: every member answers in every state.
 */
export type RunsOn = 'primary' | 'secondaryOk' | 'anyMember';

export interface Command<Request = unknown> {
  readonly name: string;
  /** Other spellings, e.g. `isMaster`. */
  readonly aliases?: readonly string[];
  /** One sentence; `listCommands` prints it. */
  readonly help: string;
  readonly access: Access;
  readonly runsOn: RunsOn;
  /** Answers before login. */
  readonly beforeAuth?: boolean;
  /** Answers only in database `admin`, else Unauthorized as MongoDB says it. */
  readonly adminOnly?: boolean;
  /** Default: true for access `write`. Dispatch waits for it after `run`. */
  readonly supportsWriteConcern?: boolean;
  /** Default: true for access `read`. */
  readonly supportsReadConcern?: boolean;
  /** May carry a txnNumber outside a transaction. */
  readonly retryable?: boolean;
  /** maxTimeMS is how long to await new data (getMore), so it sets no deadline. */
  readonly maxTimeIsAwait?: boolean;
  /** Counted under this name in serverStatus.opcounters; default `command`. */
  readonly counter?: OpCounter;
  /** The first element of the body names a collection (for namespaces in logs and currentOp). */
  readonly namesCollection?: boolean;
  parse(body: CommandBody): Request;
  run(request: Request, context: CommandContext): Reply | Promise<Reply>;
}

export type OpCounter = 'insert' | 'query' | 'update' | 'delete' | 'getmore' | 'command' | 'none';

/** What the whole server is, for commands that report on it. */
export interface ServerFacts {
  /** `host:port` of this member as it listens. */
  readonly host: string;
  readonly port: number;
  readonly startedAt: Date;
  readonly argv: readonly string[];
  /** Options as parsed, in the shape of the YAML configuration. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Name of the storage engine for serverStatus and buildInfo. */
  readonly storageEngine: string;
  /** Lines of the log kept for `getLog`, newest last, by log name. */
  recentLog(name: string): readonly string[] | undefined;
  readonly logNames: readonly string[];
  /** Compressors this server can use, in its order of preference. */
  readonly compressors: readonly string[];
  /** Further facts for serverStatus, e.g. of the storage engine. */
  status(): Record<string, unknown>;
  openConnections(): Iterable<ClientConnection>;
  connections(): { current: number; available: number; totalCreated: number };
  /** Clean stop; resolves never or when the process is about to end. */
  shutdown(options: { force: boolean; timeoutSecs: number }): Promise<void>;
  rotateLogs(): void;
}

/** A logger in the words of MongoDB's log lines. */
export interface CommandLog {
  info(component: string, message: string, attributes?: Record<string, unknown>): void;
  warning(component: string, message: string, attributes?: Record<string, unknown>): void;
  error(component: string, message: string, attributes?: Record<string, unknown>): void;
}

export interface CommandContext {
  readonly database: Database;
  /** Undefined for a server started without a replica set name. */
  readonly replicaSet: ReplicaSet | undefined;
  readonly connection: ClientConnection;
  readonly dbName: string;
  /** The name the client used, e.g. `ismaster`. */
  readonly commandName: string;
  readonly operation: Operation;
  readonly operations: OperationRegistry;
  readonly readConcern: ReadConcern;
  /** The tenure a linearizable read began in: what it found is right if that has not ended. */
  readonly linearizableIn: number | undefined;
  readonly writeConcern: WriteConcern;
  readonly parameters: ServerParameters;
  readonly counters: Counters;
  readonly failPoints: FailPoints;
  readonly commandTable: ReadonlyMap<string, Command>;
  readonly profiler: Profiler;
  readonly server: ServerFacts;
  readonly log: CommandLog;
  /** The client set exhaustAllowed: a `ReplyStream` may be returned. */
  readonly exhaustAllowed: boolean;
  /** The request came as OP_QUERY (handshake only). */
  readonly legacyRequest: boolean;
}

/** Gives a command its types; the result fits the table. */
export function defineCommand<Request>(command: Command<Request>): Command {
  return command as unknown as Command;
}
