/**
 * One member, assembled: store, database, replica set, commands, listener. The one file that shows how
 * the whole machine is put together; `arkd` and the embedding API both start members here.
 *
 * Order: lock the folder, open the store, open the database on it, wire replication to both, listen,
 * and only then take part in the set. The end runs the same way back.
 */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { decodeDocument, encodeDocument } from '../bson/index.ts';
import { commandTable } from '../commands/index.ts';
import { Database, dropAbandonedOutputs, resumeIndexBuilds } from '../database/index.ts';
import type { MongoServerError } from '../errors/index.ts';
import type { Log } from '../log.ts';
import {
  type LinkFaults,
  ReplicaSet,
  systemClock,
  systemRandomness,
  systemTimers,
  TcpTransport,
} from '../replication/index.ts';
import type { ScriptEngine } from '../scripting/index.ts';
import { CommandServer } from '../server/index.ts';
import { ExpiryTimer } from './expiry-timer.ts';
import { anyFreePorts } from './free-ports.ts';
import {
  openStore,
  refuseDataOfAnotherSet,
  StartError,
  type Store,
  type StoreOptions,
  spillFolder,
} from './member-store.ts';
import { enableScripts } from './scripting.ts';
import { offerConfig, offerStartupLog, offerVersion } from './server-collections.ts';

export interface MemberOptions extends StoreOptions {
  readonly port: number;
  readonly bindIp: readonly string[];
  readonly oplogSizeMB?: number | undefined;
  readonly maxConnections?: number | undefined;
  /** Compressors clients may choose, best first; default all there are. */
  readonly compressors?: readonly string[] | undefined;
  readonly quiet?: boolean;
  /** Whether to run JavaScript of clients; default false. */
  readonly javascriptEnabled?: boolean;
  readonly setParameter?: Readonly<Record<string, string>>;
  readonly parsed?: Readonly<Record<string, unknown>>;
  readonly argv?: readonly string[];
  readonly log: Log;
  /** Faults between in-process members. */
  readonly network?: LinkFaults;
  /** Told in place of SIGKILL when this member must not go on: the process has other members. */
  readonly onCrash?: (error: unknown) => void;
}

export class Member {
  readonly host: string;
  readonly database: Database;
  readonly replicaSet: ReplicaSet | undefined;
  /** Called when a client sent the shutdown command. */
  onShutdownCommand: (() => void) | undefined;
  readonly #store: Store;
  readonly #server: CommandServer;
  readonly #log: Log;
  readonly #onCrash: ((error: unknown) => void) | undefined;
  #reaper: NodeJS.Timeout | undefined;
  #housekeeping: NodeJS.Timeout | undefined;
  readonly #expiry: ExpiryTimer;
  readonly #scripts: ScriptEngine | undefined;
  #stopping: Promise<void> | undefined;

  private constructor(host: string, store: Store, database: Database, options: MemberOptions) {
    this.host = host;
    this.database = database;
    const oplogBytesMax = oplogBytesMaxOf(options);
    const replicaSet =
      options.replSet === undefined
        ? undefined
        : new ReplicaSet({
            setName: options.replSet,
            host,
            alsoKnownAs: otherNames(options.port),
            database,
            durableState: store.durableState,
            environment: {
              clock: systemClock,
              timers: systemTimers,
              random: systemRandomness,
              log: options.log,
              transport: new TcpTransport(
                options.network === undefined ? {} : { faults: options.network },
              ),
              crash: (error) => this.#crash(error),
            },
            rollbackFolder: options.dbPath && join(options.dbPath, 'rollback'),
            ...(oplogBytesMax === undefined ? {} : { oplogBytesMax }),
            killOperations: (reason, scope, except) => this.#killOperations(reason, scope, except),
          });
    this.replicaSet = replicaSet;
    offerVersion(database);
    offerStartupLog(database, process.pid);
    if (replicaSet !== undefined) offerConfig(database, replicaSet);
    database.onInvalidDocument = (namespace, document, errInfo) => {
      options.log.warning('STORAGE', 'Document would fail validation', {
        namespace,
        document: decodeDocument(document),
        errInfo: decodeDocument(encodeDocument(errInfo)),
      });
    };
    this.#store = store;
    this.#log = options.log;
    this.#onCrash = options.onCrash;
    store.engine.onFailure = (error) => this.#crash(error);
    this.#server = new CommandServer({
      database,
      replicaSet,
      log: options.log,
      recentLog: (name) =>
        name === 'global' || name === 'startupWarnings' ? options.log.recent(name) : undefined,
      hostName: host.slice(0, host.lastIndexOf(':')),
      addresses: options.bindIp,
      port: Number(host.slice(host.lastIndexOf(':') + 1)),
      storageEngine: options.storageEngine,
      enableTestCommands: isTrue(options.setParameter?.enableTestCommands),
      ...(options.maxConnections === undefined ? {} : { maxConnections: options.maxConnections }),
      ...(options.compressors === undefined ? {} : { compressors: options.compressors }),
      ...(options.quiet === undefined ? {} : { quiet: options.quiet }),
      ...(options.argv === undefined ? {} : { argv: options.argv }),
      ...(options.parsed === undefined ? {} : { options: options.parsed }),
      onShutdown: async () => {
        if (this.onShutdownCommand === undefined) await this.stop();
        else this.onShutdownCommand();
      },
    });
    if (options.javascriptEnabled === true) {
      this.#scripts = enableScripts(database, this.#server.parameters);
    }
    this.#expiry = new ExpiryTimer({
      database,
      parameters: this.#server.parameters,
      counters: this.#server.dispatcher.counters,
      isPrimary: () => replicaSet === undefined || replicaSet.role === 'primary',
      onFailure: (error) => this.#crash(error),
    });
  }

  /** The parameters of the command line; `enableTestCommands` was asked for before. */
  #setParameters(parameters: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(parameters)) {
      if (name === 'enableTestCommands') continue;
      try {
        this.#server.parameters.setAtStartup(name, text);
      } catch (error) {
        throw new StartError('badOption', (error as Error).message, error);
      }
    }
  }

  /** Resolves when clients can connect. Throws StartError. */
  static async start(given: MemberOptions): Promise<Member> {
    // The set calls its members by port, so the port is known before the listener has it.
    const [anyPort = 0] = given.port === 0 ? await anyFreePorts(1) : [];
    const options = given.port === 0 ? { ...given, port: anyPort } : given;
    const store = await openStore(options);
    try {
      refuseDataOfAnotherSet(store.durableState, options);
      const database = await Database.open({
        engine: store.engine,
        replicated: options.replSet !== undefined,
        oplogBytesMax: oplogBytesMaxOf(options),
        spillFolder: options.dbPath && join(options.dbPath, spillFolder),
      });
      const member = new Member(hostOf(options), store, database, options);
      member.#setParameters(options.setParameter ?? {});
      await member.#listen(options);
      member.#keepHouse();
      if (member.replicaSet === undefined) member.#reapDropped();
      else await member.replicaSet.start();
      options.log.info('NETWORK', 'Waiting for connections', { port: options.port });
      return member;
    } catch (error) {
      await store.engine.close();
      store.lock?.release();
      throw error;
    }
  }

  /**
   * Hands over if primary, finishes what runs, flushes and closes. `handOver: false` when the whole
   * set ends and nobody is left to take over.
   */
  stop(options: { readonly handOver?: boolean } = {}): Promise<void> {
    this.#stopping ??= this.#stop(options.handOver ?? true);
    return this.#stopping;
  }

  async #listen(options: MemberOptions): Promise<void> {
    try {
      await this.#server.listen();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EADDRINUSE') {
        throw new StartError('portTaken', `Address already in use: port ${options.port}`, error);
      }
      if (code === 'EADDRNOTAVAIL' || code === 'EACCES' || code === 'ENOTFOUND') {
        throw new StartError('portTaken', `Cannot listen: ${(error as Error).message}`, error);
      }
      throw error;
    }
  }

  async #stop(handOver: boolean): Promise<void> {
    clearTimeout(this.#reaper);
    clearInterval(this.#housekeeping);
    await this.#expiry.stop();
    if (handOver && this.replicaSet?.role === 'primary') await this.#handOver(this.replicaSet);
    await this.#server.stop();
    this.#scripts?.stop();
    await this.replicaSet?.stop();
    await this.#store.engine.close();
    await this.#store.durableState.close();
    this.#store.lock?.release();
  }

  /** Gives another member the chance to go on at once; nobody may be there to take it. */
  async #handOver(replicaSet: ReplicaSet): Promise<void> {
    try {
      await replicaSet.stepDownForShutdown({
        force: true,
        catchUpSeconds: handOverSeconds,
        signal: AbortSignal.timeout(2 * handOverSeconds * 1000),
      });
    } catch (error) {
      this.#log.info('REPL', 'Ending as primary: nobody has taken over', { error });
    }
  }

  /** Ends what clients have running; what other members and monitors wait for goes on. */
  #killOperations(
    reason: MongoServerError,
    scope: 'writers' | 'all',
    except: number | undefined,
  ): void {
    for (const operation of this.#server.dispatcher.operations.all()) {
      const command = commandTable.get(operation.command);
      const isClients = command?.access !== 'internal' && command?.name !== 'hello';
      const isWriter = command?.access === 'write';
      if (isClients && operation.opId !== except && (scope === 'all' || isWriter)) {
        operation.kill(reason);
      }
    }
  }

  /**
   * A flush failed, or an invariant is broken: nothing may run on. SIGKILL, because an orderly exit
   * waits for writes that will never end.
   */
  #crash(error: unknown): never {
    this.#log.error('CONTROL', 'This member cannot go on: ending at once', { error });
    if (this.#onCrash === undefined) process.kill(process.pid, 'SIGKILL');
    else this.#onCrash(error);
    throw error;
  }

  /** Idle cursors are closed; a new primary goes on with the index builds of its predecessor, and clears away what that left of a `$out`. */
  #keepHouse(): void {
    this.#expiry.start();
    this.#housekeeping = setInterval(() => {
      this.database.cursors.closeIdle();
      if (this.replicaSet !== undefined && this.replicaSet.role !== 'primary') return;
      resumeIndexBuilds(this.database).catch((error: unknown) => {
        this.#log.warning('INDEX', 'An index build was interrupted', { error });
      });
      dropAbandonedOutputs(this.database).catch((error: unknown) => {
        this.#log.warning('COMMAND', 'What is left of a $out is dropped later', { error });
      });
    }, housekeepingIntervalMs).unref();
  }

  /** Without a replica set nothing can be undone: dropped data goes as soon as there is time. */
  #reapDropped(): void {
    this.#reaper = setTimeout(async () => {
      const hasMore = await this.database.reap(() => true);
      if (this.#stopping === undefined) this.#reapDropped();
      else if (hasMore) this.#log.debug('STORAGE', 'Dropped data is left for the next start');
    }, reapIntervalMs).unref();
  }
}

const handOverSeconds = 2;
const reapIntervalMs = 250;
const housekeepingIntervalMs = 10_000;

/** What else a config may call this member. */
function otherNames(port: number): string[] {
  return ['localhost', '127.0.0.1', hostname()].map((name) => `${name}:${port}`);
}

function isTrue(text: string | undefined): boolean {
  return text === '1' || text === 'true';
}

/** How other members and clients call this one. */
function hostOf(options: MemberOptions): string {
  const [first = '127.0.0.1'] = options.bindIp;
  return `${first === '0.0.0.0' || first === '::' ? hostname() : first}:${options.port}`;
}

function oplogBytesMaxOf({ oplogSizeMB }: MemberOptions): number | undefined {
  return oplogSizeMB === undefined ? undefined : oplogSizeMB * 1024 * 1024;
}
