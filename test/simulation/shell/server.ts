/**
 * One life of a member's process: the real database, replica set and dispatcher on a simulated
 * machine, assembled as `src/cluster/member.ts` does it, but for the listener.
 */
import type { Dice } from '../../../scripts/chaos/random.ts';
import type { RulesForTests } from '../../../src/ark/index.ts';
import { decodeDocument } from '../../../src/bson/index.ts';
import {
  commandTable,
  Dispatcher,
  declareDefaultParameters,
  ServerParameters,
} from '../../../src/commands/index.ts';
import { Database, resumeIndexBuilds } from '../../../src/database/index.ts';
import { MongoServerError } from '../../../src/errors/index.ts';
import { isMessage, ReplicaSet } from '../../../src/replication/index.ts';
import type { RollbackFiles } from '../../../src/replication/rollback-files.ts';
import type { Machine } from './machine.ts';
import type { Network } from './network.ts';
import { SimulatedTransport } from './peer-link.ts';
import type { Process } from './process.ts';
import { ProcessDurableState, ProcessEngine } from './process-storage.ts';

const housekeepingIntervalMs = 2000;
const handOverMs = 2000;

export interface ServerOptions {
  readonly setName: string;
  readonly host: string;
  readonly network: Network;
  readonly machine: Machine;
  readonly dice: Dice;
  /** Milliseconds since 1970 as this machine believes. */
  readonly wallMs: () => number;
  /** What ends slices of work. */
  readonly workClock: () => number;
  readonly log: (line: string) => void;
  /** The process has ended by itself. */
  readonly onCrash: (error: unknown) => void;
  readonly openRollbackFiles: (startedMs: number) => RollbackFiles;
  readonly rules: RulesForTests | undefined;
  readonly oplogBytesMax: number | undefined;
}

export class Server {
  readonly host: string;
  readonly process: Process;
  readonly database: Database;
  readonly replicaSet: ReplicaSet;
  readonly dispatcher: Dispatcher;
  /** Connections to this process, those that were cut off and have not noticed included. */
  readonly sessions = new Set<{ clientGone(): void }>();
  readonly #network: Network;
  #cancelHousekeeping = () => {};

  private constructor(options: ServerOptions, process: Process, database: Database) {
    const { host, network, machine, dice, wallMs, log, rules, oplogBytesMax } = options;
    this.host = host;
    this.process = process;
    this.database = database;
    this.#network = network;
    const { timeline } = network;
    const write = (component: string, message: string, attributes?: object) =>
      log(`${component} ${message} ${attributes === undefined ? '' : textOf(attributes)}`);
    const end = (error: unknown) => {
      if (process.hasEnded) return;
      process.end();
      options.onCrash(error);
    };
    this.replicaSet = new ReplicaSet({
      setName: options.setName,
      host,
      database,
      durableState: new ProcessDurableState(machine.durableState, process),
      openRollbackFiles: options.openRollbackFiles,
      killOperations: (reason, scope, except) => this.#killOperations(reason, scope, except),
      ...(rules === undefined ? {} : { rules }),
      ...(oplogBytesMax === undefined ? {} : { oplogBytesMax }),
      environment: {
        clock: { monotonicMs: () => timeline.now, wallMs },
        timers: process,
        random: { fraction: () => dice.fraction(), bytes: (length) => bytesFrom(dice, length) },
        transport: new SimulatedTransport(network, process),
        log: { info: write, warning: write, error: write },
        // Where SIGKILL would not return, the ended process runs on without any effect.
        crash: end as (error: unknown) => never,
      },
    });
    database.engine.onFailure = end;
    const parameters = new ServerParameters();
    declareDefaultParameters(parameters, { enableTestCommands: false });
    this.dispatcher = new Dispatcher({
      commandTable,
      database,
      replicaSet: this.replicaSet,
      parameters,
      log: { info: write, warning: write, error: write },
      clock: { monotonicMs: () => timeline.now, after: (ms, run) => process.after(ms, run) },
      onFault: end,
      server: factsOf(host),
    });
  }

  /** Resolves when the member takes part; never when its machine loses power before. */
  static async start(options: ServerOptions, process: Process): Promise<Server> {
    const { machine, network, dice, wallMs } = options;
    const database = await Database.open({
      engine: new ProcessEngine(machine.engine, process),
      replicated: true,
      now: wallMs,
      monotonicMs: options.workClock,
      randomBytes: (length) => bytesFrom(dice, length),
      oplogBytesMax: options.oplogBytesMax,
    });
    const server = new Server(options, process, database);
    network.listen(server);
    await server.replicaSet.start();
    server.#keepHouse();
    return server;
  }

  /** A one-way message of another member. */
  receive(bytes: Buffer): void {
    this.process.enter(() => {
      const { message } = decodeDocument(bytes);
      try {
        if (isMessage(message)) this.replicaSet.receive(message);
      } catch (error) {
        // While it starts; the dispatcher would answer so, and nobody reads the answer to a message.
        if (!(error instanceof MongoServerError)) throw error;
      }
    });
  }

  /** Index builds of a primary that is gone are taken up by the next one. */
  #keepHouse(): void {
    this.#cancelHousekeeping = this.process.after(housekeepingIntervalMs, () => {
      if (this.replicaSet.role === 'primary') resumeIndexBuilds(this.database).catch(() => {});
      this.#keepHouse();
    });
  }

  /** What `src/cluster/member.ts` does before it stops: nobody need take over. */
  async handOver(): Promise<void> {
    if (this.replicaSet.role !== 'primary') return;
    const controller = new AbortController();
    const cancel = this.process.after(2 * handOverMs, () => controller.abort());
    const options = { force: true, catchUpSeconds: handOverMs / 1000, signal: controller.signal };
    await this.replicaSet.stepDownForShutdown(options).catch(() => {});
    cancel();
  }

  /** What a server that has stopped still holds, in words. */
  leftovers(): string[] {
    const { process, database, dispatcher } = this;
    const { pinnedSnapshots } = database.engine.stats();
    const operations = [...dispatcher.operations.all()].map(({ command }) => command);
    return [
      ...(process.timers > 0 ? [`${process.timers} timers`] : []),
      ...(pinnedSnapshots > 0 ? [`${pinnedSnapshots} pinned snapshots`] : []),
      ...operations.map((command) => `a running ${command}`),
    ];
  }

  /** A clean end: nothing of it may be left. */
  async stop(): Promise<void> {
    this.#network.unlisten(this.host, false);
    this.#cancelHousekeeping();
    // A client that was cut off has left its cursor to time out.
    this.database.cursors.killWhere(() => true);
    this.dispatcher.interruptAll();
    for (const session of [...this.sessions]) session.clientGone();
    await this.replicaSet.stop();
    await this.database.engine.flushed();
  }

  #killOperations(
    reason: MongoServerError,
    scope: 'writers' | 'all',
    except: number | undefined,
  ): void {
    for (const operation of this.dispatcher.operations.all()) {
      const command = commandTable.get(operation.command);
      const isClients = command?.access !== 'internal' && command?.name !== 'hello';
      const isWriter = command?.access === 'write';
      if (isClients && operation.opId !== except && (scope === 'all' || isWriter)) {
        operation.kill(reason);
      }
    }
  }
}

export function bytesFrom(dice: Dice, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => dice.below(256)));
}

function textOf(attributes: object): string {
  return JSON.stringify(attributes, (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value instanceof Error ? value.message : value,
  );
}

function factsOf(host: string) {
  return {
    host,
    port: 1,
    startedAt: new Date(0),
    argv: [],
    options: {},
    storageEngine: 'inMemory',
    recentLog: () => undefined,
    logNames: [],
    compressors: [],
    status: () => ({}),
    openConnections: () => [],
    connections: () => ({ current: 0, available: 0, totalCreated: 0 }),
    shutdown: async () => {},
    rotateLogs() {},
  };
}
