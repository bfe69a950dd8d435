import type { Gtid, Message } from '../../../src/ark/index.ts';
import {
  contains,
  type LogEntry,
  type MemberView,
  type Node,
  type Protocol,
  type Random,
  randomFrom,
  World,
} from '../world/index.ts';
import type { InvariantChoice } from '../world/watchers.ts';
import { Leadership } from './leadership.ts';
import type { Outcome } from './outcome.ts';
import { type Moment, Trace } from './trace.ts';

export interface StageOptions {
  readonly members: number;
  readonly seed: number;
  /** What must hold at every step, else the story ends with `InvariantBroken`. Default: nothing. */
  readonly invariants?: InvariantChoice;
  /** Seconds by which the wall clock of each member is ahead. */
  readonly wallClockSeconds?: readonly number[];
  /** Milliseconds until what was written survives power loss. Default 2. */
  readonly diskMillis?: number;
}

/** A client's write that waits for a majority. */
export interface Write {
  readonly name: string;
  readonly entry: LogEntry;
  /** Where the client waits; nowhere after its member's tenure has ended. */
  waitsAt: number | undefined;
  isAcknowledged: boolean;
}

export interface Vote {
  readonly voter: number;
  readonly candidate: number;
}

/** One story under one protocol with one seed: a world, a client, and somebody who watches and takes notes. */
export class Stage {
  readonly world: World<unknown>;
  readonly trace = new Trace();
  readonly votes: Vote[] = [];
  /** For what a script draws itself: the same for every protocol. */
  readonly dice: Random;
  cameToThePoint = false;

  readonly #writes: Write[] = [];
  readonly #attempts = new Set<string>();
  readonly #owners = new Map<string, LogEntry>();
  readonly #paired = new Set<string>();
  readonly #suspended = new Map<number, number>();
  #elections = 0;
  /** From the beginning on. */
  #leadership: Leadership | undefined;

  constructor(protocol: Protocol<unknown>, options: StageOptions) {
    const { members, seed, invariants = 'none', wallClockSeconds = [], diskMillis = 2 } = options;
    this.dice = randomFrom(seed * 7919);
    this.world = new World({
      protocol,
      members,
      seed,
      diskMillis,
      networkMillis: [0.5, 1.5],
      invariants,
      story: false,
      tidyPulls: true,
    });
    for (const [id, seconds] of wallClockSeconds.entries())
      this.world.node(id).clock.skewMillis += seconds * 1000;
    this.#watch();
  }

  // --- the beginning

  /**
   * n0 leads, everybody has its first write (unless told otherwise), and nobody is bound by a vote any more. `sources`: who pulls from
   * whom, by request.
   */
  begin(sources: Readonly<Record<number, number>> = {}, has = { firstWrite: true }): void {
    const { world } = this;
    world.bootstrap();
    const others = world.nodes.map(({ id }) => id).filter((id) => id !== 0);
    for (const id of others) world.command(id, { kind: 'freeze', millis: 40_000 });
    world.runUntil(() => this.leads(0), 40_000);
    world.run(35_000 + 5000 * this.dice());
    if (has.firstWrite) {
      const first = world.write(0, 'first write');
      if (first === undefined) throw new Error('n0 does not lead');
      this.world.runUntil(() => others.every((id) => world.holds(id, first)), 10_000);
    }
    // Heartbeats have told everybody of everybody's log.
    world.run(5000);
    for (const [id, source] of Object.entries(sources))
      world.command(Number(id), { kind: 'syncFrom', member: source });
    world.run(1000);
    this.#leadership = new Leadership(this.#countPrimaries(), world.now);
    this.trace.begin(world.now);
    this.#note(undefined, 'n0 leads');
  }

  // --- what the script does

  /** A client writes there and waits for a majority. Undefined if the member does not take writes. */
  write(id: number, name: string): Write | undefined {
    const { world } = this;
    const before = world.node(id).log;
    if (world.write(id, name) === undefined) return undefined;
    const entry = world.node(id).log;
    if (entry === undefined || entry === before) return undefined;
    const write: Write = { name, entry, waitsAt: id, isAcknowledged: false };
    this.#writes.push(write);
    this.#note(id, `writes ${name} at ${this.#position(entry.gtid)}`, {
      mark: 'write',
      short: `writes ${name}`,
    });
    this.#answerClients(id);
    return write;
  }

  /** The client, cut off from where it wrote, asks another member that has the entry whether a majority holds it. */
  askAgain(id: number, write: Write): void {
    write.waitsAt = id;
    this.#note(id, `is asked whether a majority holds ${write.name}`, { short: `${write.name}?` });
    this.#answerClients(id);
  }

  cut(a: readonly number[], b: readonly number[]): void {
    this.world.network.cut(a, b);
    this.#note(undefined, `cut: ${names(a)} | ${names(b)}`);
  }

  heal(): void {
    this.world.network.heal();
    this.#note(undefined, 'the network is whole');
  }

  crash(id: number, survivingShare = 0): void {
    this.world.crash(id, survivingShare);
    this.#note(id, 'loses power');
    for (const write of this.#writes) if (write.waitsAt === id) write.waitsAt = undefined;
    this.#count();
  }

  start(id: number): void {
    if (this.isUp(id)) return;
    this.world.start(id);
    this.#note(id, 'starts');
  }

  /** The process stands still (SIGSTOP); its machine's clocks run. */
  pause(id: number): void {
    this.world.pause(id);
    this.#note(id, 'hangs');
  }

  /** The whole machine stands still, as a suspended guest does: for its timers no time passes. */
  suspend(id: number): void {
    const { world } = this;
    world.pause(id);
    world.drift(id, 1e-9);
    this.#suspended.set(id, world.now);
    this.#note(id, 'is suspended');
  }

  /** After a suspension the wall clock is set right. */
  resume(id: number): void {
    const { world } = this;
    const node = world.node(id);
    if (!node.isPaused) return;
    const since = this.#suspended.get(id);
    if (since !== undefined) {
      world.drift(id, 1);
      node.clock.skewMillis += world.now - since;
      this.#suspended.delete(id);
    }
    this.#note(id, 'goes on', { awake: true });
    world.resume(id);
  }

  pullFrom(id: number, source: number): void {
    this.#note(id, `is told to pull from n${source}`);
    this.world.command(id, { kind: 'syncFrom', member: source });
  }

  /** The member will not stand for so long; it votes. */
  freeze(id: number, millis: number): void {
    this.world.command(id, { kind: 'freeze', millis });
  }

  run(millis: number): void {
    this.world.run(millis);
  }

  /** Runs until the condition holds, at most so long; says whether it does. */
  until(condition: () => boolean, millis: number): boolean {
    const { world } = this;
    const end = world.now + millis;
    while (!condition()) {
      const { nextTime } = world.schedule;
      if (nextTime > end) {
        world.run(end - world.now);
        return condition();
      }
      world.schedule.runNext();
    }
    return true;
  }

  // --- what the script may ask

  leads(id: number): boolean {
    const { view, isPaused } = this.world.node(id);
    return view?.isWritable === true && !isPaused;
  }

  isUp(id: number): boolean {
    return this.world.node(id).member !== undefined;
  }

  leaderAmong(ids: readonly number[]): number | undefined {
    return ids.find((id) => this.leads(id));
  }

  holds(id: number, { entry }: Write): boolean {
    return contains(this.world.node(id).log, entry);
  }

  // --- the end

  /** Everything is repaired; the set gets two minutes to agree again. */
  end(): Outcome {
    const { world } = this;
    this.heal();
    for (const { id } of world.nodes) {
      this.resume(id);
      this.start(id);
    }
    const isSettled = () => this.#countPrimaries() === 1 && world.logsAreEqual();
    this.until(() => isSettled() && this.#isQuiet(), 120_000);
    this.#count();
    this.#note(undefined, 'the end');
    const acknowledged = this.#writes.filter((write) => write.isAcknowledged);
    return {
      cameToThePoint: this.cameToThePoint,
      acknowledged: acknowledged.map(({ name }) => name),
      lost: acknowledged.filter((write) => !this.#survives(write)).map(({ name }) => name),
      longestOutage: (this.#leadership?.longestOutage ?? 0) / 1000,
      twoPrimaries: (this.#leadership?.twoPrimaries ?? 0) / 1000,
      futileRounds: Math.max(0, this.#attempts.size - this.#elections),
      positionsGivenTwice: this.#paired.size,
      isSettled: isSettled(),
    };
  }

  /** A client that reads from the primary in the end finds it; without a primary, a majority has it. */
  #survives(write: Write): boolean {
    const { nodes } = this.world;
    const leaders = nodes.filter(({ id }) => this.leads(id));
    if (leaders.length > 0) return leaders.every(({ id }) => this.holds(id, write));
    return nodes.filter(({ id }) => this.holds(id, write)).length * 2 > nodes.length;
  }

  /** Nobody's clients wait for something that may still come. */
  #isQuiet(): boolean {
    return this.#writes.every(
      ({ waitsAt, isAcknowledged }) => isAcknowledged || waitsAt === undefined,
    );
  }

  // --- watching

  #watch(): void {
    const { watchers } = this.world;
    watchers.onStep.push((node, _input, before, after) => {
      this.#answerClients(node.id, after);
      if (before.role !== after.role || before.isWritable !== after.isWritable)
        this.#noteRole(node, before, after);
    });
    watchers.onPrimary.push(() => {
      if (this.#leadership !== undefined) this.#elections += 1;
    });
    watchers.onSend.push((node, message) => this.#noteMessage(node.id, message));
    watchers.onAppend.push((node, entry, source) => {
      this.#notePosition(entry);
      const write = this.#writes.find((one) => one.entry === entry);
      if (write !== undefined && source !== undefined)
        this.#note(node.id, `copies ${write.name} from n${source.id}`, {
          mark: 'copy',
          short: write.name,
          from: source.id,
          log: { end: entry },
        });
    });
    watchers.onUndo.push((node, entry) => {
      const write = this.#writes.find((one) => one.entry === entry);
      if (write !== undefined)
        this.#note(node.id, `rolls ${write.name} back`, {
          mark: 'undo',
          short: `${write.name} undone`,
          log: { end: entry.previous },
        });
    });
  }

  #noteRole(node: Node<unknown>, before: MemberView, after: MemberView): void {
    if (before.isWritable && !after.isWritable)
      for (const write of this.#writes) if (write.waitsAt === node.id) write.waitsAt = undefined;
    if (this.#leadership === undefined) return;
    this.#count();
    if (after.isWritable)
      this.#note(node.id, 'is primary', { mark: 'lead', short: 'primary', view: after });
    else if (before.isWritable) this.#note(node.id, 'steps down', { mark: 'lead', view: after });
    else if (after.role === 'rollback' || after.role === 'recovering')
      this.#note(node.id, after.role === 'rollback' ? 'rolls back' : 'is FATAL');
  }

  #noteMessage(from: number, message: Message): void {
    if (this.#leadership === undefined) return;
    if (message.kind === 'voteRequest') this.#attempts.add(`${from} ${message.attempt}`);
    if (message.kind !== 'voteAnswer' || !message.granted) return;
    this.votes.push({ voter: from, candidate: message.to });
    this.#note(from, `says yes to n${message.to}`, { mark: 'vote', short: 'yes', to: message.to });
  }

  /** The same position for another entry: nobody can tell them apart by it. */
  #notePosition(entry: LogEntry): void {
    const { term, opid } = entry.gtid;
    const key = `${term},${opid}`;
    const owner = this.#owners.get(key);
    if (owner === undefined) this.#owners.set(key, entry);
    else if (owner !== entry) this.#paired.add(key);
  }

  #answerClients(id: number, view?: MemberView): void {
    for (const write of this.#writes) {
      if (write.waitsAt !== id || write.isAcknowledged || !this.holds(id, write)) continue;
      if (!this.world.isAcknowledged(id, write.entry.gtid)) continue;
      write.isAcknowledged = true;
      this.#note(id, `tells the client: a majority holds ${write.name}`, {
        mark: 'acknowledgement',
        short: `${write.name} is safe`,
        view,
      });
    }
  }

  #countPrimaries(): number {
    return this.world.nodes.filter(({ view }) => view?.isWritable === true).length;
  }

  #count(): void {
    this.#leadership?.note(this.#countPrimaries(), this.world.now);
  }

  #position({ term, opid }: Gtid): string {
    const since = term > 1_000_000_000 ? `${term - 1_400_000_000}s` : `${term}`;
    return `(${since},${opid})`;
  }

  #note(who: number | undefined, what: string, about: Note = {}): void {
    if (this.#leadership === undefined) return;
    const { nodes, now } = this.world;
    const { mark, from, to, short } = about;
    const members = nodes.map((node) => {
      const isMeant = node.id === who;
      const view = isMeant ? (about.view ?? node.view) : node.view;
      const end = isMeant && about.log !== undefined ? about.log.end : node.log;
      return {
        state: node.isPaused && !(isMeant && about.awake) ? 'hangs' : (view?.role ?? 'down'),
        isWritable: view?.isWritable === true,
        term: view === undefined ? '' : this.#position({ term: view.term, opid: 0 }).slice(1, -3),
        writes: this.#writes.filter(({ entry }) => contains(end, entry)).map(({ name }) => name),
      };
    });
    this.trace.add({ at: now, who, what, mark, short, from, to, members });
  }
}

/** What is known of an event beside who did what; the member's log and view are those after it. */
interface Note extends Pick<Partial<Moment>, 'mark' | 'short' | 'from' | 'to'> {
  readonly log?: { readonly end: LogEntry | undefined };
  readonly view?: MemberView | undefined;
  readonly awake?: boolean;
}

function names(ids: readonly number[]): string {
  return ids.map((id) => `n${id}`).join(' ');
}
