/**
 * The dispatcher, the facts commands report and the listener, put together: what `main.ts` and the
 * embedding API start.
 */

import { compressorByName } from '../../wire/index.ts';
import {
  type CommandLog,
  commandTable,
  type Database,
  Dispatcher,
  declareDefaultParameters,
  type ReplicaSet,
  ServerParameters,
} from '../commands/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { Listener } from './listener.ts';

export interface CommandServerOptions {
  readonly database: Database;
  readonly replicaSet: ReplicaSet | undefined;
  readonly log: CommandLog;
  /** Lines kept for getLog; default: none. */
  readonly recentLog?: (name: string) => readonly string[] | undefined;
  /** The name other members and clients know this one by, without port. Default `localhost`. */
  readonly hostName?: string;
  readonly addresses?: readonly string[];
  readonly port: number;
  readonly maxConnections?: number;
  /** A message begun and not finished: how long no byte may come, in milliseconds. */
  readonly idleMessageMs?: number;
  /** Bytes of unfinished messages of all connections. */
  readonly unreadBytesMax?: number;
  readonly quiet?: boolean;
  readonly argv?: readonly string[];
  /** Options as parsed, in the shape of the YAML configuration. */
  readonly options?: Readonly<Record<string, unknown>>;
  readonly storageEngine?: string;
  /** Names of compressors clients may choose; default all: snappy, zstd, zlib. */
  readonly compressors?: readonly string[];
  /** Further facts for serverStatus, e.g. of the storage engine. */
  readonly status?: () => Record<string, unknown>;
  readonly enableTestCommands?: boolean;
  readonly onShutdown?: (options: { force: boolean; timeoutSecs: number }) => Promise<void>;
  readonly onRotateLogs?: () => void;
  readonly onFault?: (error: unknown, command: string) => void;
}

export class CommandServer {
  readonly dispatcher: Dispatcher;
  readonly listener: Listener;
  readonly parameters = new ServerParameters();
  readonly #options: CommandServerOptions;
  #port: number;
  /** Filled by `listen`, once each is known to load. */
  readonly #compressors: string[] = [];

  constructor(options: CommandServerOptions) {
    this.#options = options;
    this.#port = options.port;
    declareDefaultParameters(this.parameters, {
      enableTestCommands: options.enableTestCommands ?? false,
    });
    const hostName = options.hostName ?? 'localhost';
    const self = this;
    this.dispatcher = new Dispatcher({
      commandTable,
      database: options.database,
      replicaSet: options.replicaSet,
      parameters: this.parameters,
      log: options.log,
      ...(options.onFault && { onFault: options.onFault }),
      server: {
        get host() {
          return `${hostName}:${self.#port}`;
        },
        get port() {
          return self.#port;
        },
        startedAt: new Date(),
        argv: options.argv ?? process.argv.slice(1),
        options: options.options ?? {},
        storageEngine: options.storageEngine ?? 'lmdb',
        recentLog: (name) =>
          options.recentLog?.(name) ?? (logNames.includes(name) ? [] : undefined),
        logNames,
        compressors: this.#compressors,
        status: options.status ?? (() => ({})),
        connections: () => this.listener.connectionCounts(),
        openConnections: () => this.listener.connections(),
        shutdown: options.onShutdown ?? (async () => {}),
        rotateLogs: options.onRotateLogs ?? (() => {}),
      },
    });
    this.listener = new Listener({
      dispatcher: this.dispatcher,
      log: options.log,
      ...(options.maxConnections !== undefined && { maxConnections: options.maxConnections }),
      ...(options.quiet !== undefined && { quiet: options.quiet }),
      ...(options.idleMessageMs !== undefined && { idleMessageMs: options.idleMessageMs }),
      ...(options.unreadBytesMax !== undefined && { unreadBytesMax: options.unreadBytesMax }),
    });
    this.#registerQuiet();
  }

  /** `quiet` belongs to the listener; it may change while the server runs. */
  #registerQuiet(): void {
    const { listener } = this;
    this.parameters.register({
      name: 'quiet',
      settableAtRuntime: true,
      settableAtStartup: true,
      get: () => listener.quiet,
      set(value) {
        if (typeof value !== 'boolean' && typeof value !== 'number') {
          throw new MongoServerError('TypeMismatch', 'quiet must be a boolean');
        }
        listener.quiet = Boolean(value);
      },
    });
  }

  get port(): number {
    return this.#port;
  }

  /** Resolves with the port when clients can connect. */
  async listen(): Promise<number> {
    for (const name of this.#options.compressors ?? ['snappy', 'zstd', 'zlib']) {
      const compressor = compressorByName(name);
      if (compressor === undefined || this.#compressors.includes(name)) continue;
      await compressor.ready?.();
      this.#compressors.push(name);
    }
    this.#port = await this.listener.listen(
      this.#options.addresses ?? ['127.0.0.1'],
      this.#options.port,
    );
    return this.#port;
  }

  stop(): Promise<void> {
    return this.listener.stop();
  }
}

const logNames: readonly string[] = ['global', 'startupWarnings', 'rs'];
