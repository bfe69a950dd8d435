/** One member through all its lives: its machine, the process that runs there now, its past. */
import type { RemovedDocument, RollbackFiles } from '../../../src/replication/rollback-files.ts';
import { type DiskHabits, FlushFailed, Machine } from './machine.ts';
import { Process } from './process.ts';
import { Server } from './server.ts';
import type { World } from './world.ts';

/** What a rollback has written to its files; survives crashes, lost with the disk. */
export interface SavedDocument extends RemovedDocument {
  /** Which life of the process saved it. */
  readonly life: number;
}

/** By then every server has heard that those who pulled from it have left. */
export const farewellMs = 300;

export class SimulatedMember {
  readonly id: number;
  readonly host: string;
  machine: Machine;
  /** Disks it had before: what they held was once on a disk of this member. */
  readonly lostMachines: Machine[] = [];
  /** Undefined while the process is down or starting. */
  server: Server | undefined;
  process: Process | undefined;
  /** How many processes there have been. */
  lives = 0;
  saved: SavedDocument[] = [];
  /** Milliseconds this machine's wall clock is ahead. */
  clockOffsetMs = 0;
  readonly #world: World;
  #isStopping = false;
  readonly #disk: DiskHabits;

  constructor(world: World, id: number, disk: DiskHabits) {
    this.#world = world;
    this.#disk = disk;
    this.id = id;
    this.host = `member${id}:1`;
    this.machine = new Machine(world.timeline, world.dice, disk, world.workClock);
  }

  /** It has a copy of the data. */
  get holdsData(): boolean {
    return this.#world.setup.memberConfigs[this.id]?.arbiterOnly !== true;
  }

  get isRunning(): boolean {
    return this.server !== undefined && !this.#isStopping;
  }

  start(): void {
    const world = this.#world;
    const { network, dice } = world;
    const process = new Process(world.timeline);
    const life = ++this.lives;
    this.process = process;
    this.machine.process = process;
    world.tell(this.id, `starts, life ${life}`);
    const started = Server.start(
      {
        setName: 'rs0',
        host: this.host,
        network,
        machine: this.machine,
        dice,
        wallMs: () => world.wallMs + this.clockOffsetMs,
        log: (line) => world.tell(this.id, line),
        onCrash: (error) => this.#crashed(process, error),
        openRollbackFiles: () => this.#rollbackFiles(life),
        rules: world.setup.rules,
        workClock: world.workClock,
        oplogBytesMax: world.setup.oplogBytesMax,
      },
      process,
    );
    started.then(
      (server) => {
        if (process.hasEnded) return;
        this.server = server;
        world.memberStarted(this, server);
      },
      (error: unknown) => this.#crashed(process, error),
    );
  }

  /** The process is killed (the machine writes what it was given), or the power fails. */
  kill(options: { readonly powerLoss: boolean }): void {
    const { process } = this;
    if (process === undefined) return;
    this.#world.tell(this.id, options.powerLoss ? 'loses power' : 'is killed');
    process.end();
    this.#down(options);
  }

  /** A clean stop, with the leave-taking of a primary; what a crash makes of it meanwhile is a crash. */
  async stop(): Promise<void> {
    const { server, process } = this;
    if (server === undefined || process === undefined) return;
    if (process.isPaused || this.#isStopping) return;
    this.#world.tell(this.id, 'is told to stop');
    this.#isStopping = true;
    await server.handOver();
    await server.stop();
    await this.#world.timeline.sleep(farewellMs);
    if (this.process !== process || process.hasEnded) return;
    this.checkLeftovers(server);
    process.end();
    this.#down({ powerLoss: false });
  }

  /** A server that has stopped leaves no timer, no pinned snapshot, no operation. */
  checkLeftovers(server: Server): void {
    const left = server.leftovers();
    if (left.length > 0) {
      this.#world.fail(`member ${this.id} ends and leaves ${left.join(', ')}`);
    }
  }

  pause(): void {
    this.#world.tell(this.id, 'is paused');
    this.process?.pause();
  }

  resume(): void {
    if (this.process?.isPaused !== true) return;
    this.#world.tell(this.id, 'goes on');
    this.process.resume();
  }

  /** The disk is replaced by an empty one. Only while the member is down. */
  wipe(): void {
    this.#world.tell(this.id, 'has an empty disk');
    this.lostMachines.push(this.machine);
    const { timeline, dice, workClock } = this.#world;
    this.machine = new Machine(timeline, dice, this.#disk, workClock);
    this.saved = [];
    this.#world.rollbacks.wiped(this);
  }

  #crashed(process: Process, error: unknown): void {
    if (this.process !== process) return;
    process.end();
    const isInjected = error instanceof FlushFailed;
    const why = isInjected ? error.message : ((error as Error)?.stack ?? error);
    this.#world.tell(this.id, `CRASHES: ${why}`);
    if (!isInjected) this.#world.fail(`member ${this.id} crashed: ${error}`);
    // The storage may be in the middle of a step: it goes down when that is over.
    this.#world.timeline.after(0, () => {
      if (this.process === process) this.#down({ powerLoss: this.#world.dice.chance(0.5) });
    });
  }

  #down({ powerLoss }: { readonly powerLoss: boolean }): void {
    const { server } = this;
    this.process = undefined;
    this.server = undefined;
    this.#isStopping = false;
    this.#world.network.unlisten(this.host, powerLoss);
    if (server !== undefined) this.#world.memberEnded(this, server);
    this.machine.crash({ loseUnsynced: powerLoss });
  }

  #rollbackFiles(life: number): RollbackFiles {
    const { saved } = this;
    return {
      files: new Map(),
      save(removed) {
        for (const { namespace, uuid, document } of removed) {
          saved.push({ namespace, uuid, document: Buffer.from(document), life });
        }
      },
      close() {},
    };
  }
}
