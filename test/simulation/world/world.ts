import {
  completeConfig,
  type Gtid,
  type Input,
  type ReplicaSetConfigInput,
  type ReplyEffect,
  type WriteConcern,
} from '../../../src/ark/index.ts';
import { Disk, type DiskImage, type DiskTiming } from './disk.ts';
import { History } from './history.ts';
import { entryAt, entryWithGtid, type Log, LogEntry, lastGtid } from './log.ts';
import { type LinkDelay, Network } from './network.ts';
import { Node } from './node.ts';
import { Processes } from './processes.ts';
import type { Protocol } from './protocol.ts';
import { type Random, randomFrom } from './random.ts';
import { RunningHash } from './running-hash.ts';
import { Schedule } from './schedule.ts';
import { Story } from './story.ts';
import { InvariantBroken } from './watcher.ts';
import { type InvariantChoice, type Watchers, watchersOf } from './watchers.ts';

export interface WorldOptions<M> {
  readonly protocol: Protocol<M>;
  readonly members: number;
  /** Of everything the world draws itself: delays, losses, ticks. Default 1. */
  readonly seed?: number;
  readonly config?: Partial<ReplicaSetConfigInput>;
  /** Members by id with other than default settings. */
  readonly memberOverrides?: Record<number, Partial<ReplicaSetConfigInput['members'][number]>>;
  /** Milliseconds of a flush. Default 2. */
  readonly diskMillis?: number;
  /** Flushes take up to 20 times as long, differently each. */
  readonly slowDisks?: boolean;
  /** Shortest and longest one-way delay. Default: always 1 ms. */
  readonly networkMillis?: readonly [number, number];
  /** Draws each delay in the place of `networkMillis`. */
  readonly linkDelay?: LinkDelay;
  readonly lossRate?: number;
  readonly duplicateRate?: number;
  /** Default: all. */
  readonly invariants?: InvariantChoice;
  /** Who gives a source up hears nothing more from it, and a source that rolls back says so at once. Default: no; for scripted stories. */
  readonly tidyPulls?: boolean;
  /** Keeps a readable story. Default: yes; hot runs do without. */
  readonly story?: boolean;
}

/** What should have happened within some time did not. */
class DidNotHappen extends Error {}

/**
 * A whole replica set on virtual time: members of one protocol, a network that delays and cuts, disks that are durable later and lose
 * what was not. One seed gives one history. After every step the invariants are checked; a breach throws `InvariantBroken`.
 */
export class World<M> {
  readonly protocol: Protocol<M>;
  readonly options: WorldOptions<M>;
  readonly schedule = new Schedule();
  readonly network: Network;
  readonly nodes: readonly Node<M>[];
  readonly history = new History();
  readonly hash = new RunningHash();
  readonly random: Random;
  readonly watchers: Watchers<M>;
  /** Words the members' own logs say, and how often. */
  readonly marks = new Map<string, number>();
  readonly sentKinds: Record<string, number> = {};
  messagesSent = 0;
  steps = 0;

  readonly #story: Story;
  readonly #processes: Processes<M>;
  #values = 0;
  #commands = 0;

  constructor(options: WorldOptions<M>) {
    this.options = options;
    this.protocol = options.protocol;
    this.random = randomFrom(options.seed ?? 1);
    this.#story = new Story(options.story ?? true);
    const { networkMillis = [1, 1], linkDelay, lossRate = 0, duplicateRate = 0 } = options;
    const delay = linkDelay === undefined ? {} : { delay: linkDelay };
    const network = { millis: networkMillis, lossRate, duplicateRate, ...delay };
    this.network = new Network(options.members, network, this.random);
    const { diskMillis = 2, slowDisks = false } = options;
    const timing: DiskTiming = { flushMillis: diskMillis, slowestFactor: slowDisks ? 20 : 1 };
    this.nodes = Array.from(
      { length: options.members },
      (_, id) => new Node<M>(id, new Disk(`i${id}`, timing)),
    );
    this.#processes = new Processes(this);
    this.watchers = watchersOf(this, options.invariants ?? 'all');
  }

  // --- what one may ask

  get now(): number {
    return this.schedule.now;
  }

  /** On the node's own monotonic clock. */
  ownNow(node: Node<M>): number {
    return node.clock.now(this.schedule.now);
  }

  /** The configuration all members share after `bootstrap`. */
  configInput(): ReplicaSetConfigInput {
    const overrides = this.options.memberOverrides ?? {};
    return {
      _id: 'rs',
      members: this.nodes.map(({ id, host }) => ({ _id: id, host, ...overrides[id] })),
      ...this.options.config,
    };
  }

  node(id: number): Node<M> {
    const node = this.nodes[id];
    if (node === undefined) throw new Error(`no node ${id}`);
    return node;
  }

  member(id: number): M {
    const { member } = this.node(id);
    if (member === undefined) throw new Error(`n${id} is down`);
    return member;
  }

  /** The writable primary of the highest term, if any. */
  primary(): number | undefined {
    let found: Node<M> | undefined;
    for (const node of this.nodes) {
      if (node.view === undefined || !node.view.isWritable) continue;
      if (found?.view === undefined || found.view.term < node.view.term) found = node;
    }
    return found?.id;
  }

  isAcknowledged(id: number, gtid: Gtid, concern: WriteConcern = { w: 'majority' }): boolean {
    const { member } = this.node(id);
    return member !== undefined && this.protocol.isAcknowledged(member, concern, gtid, gtid.term);
  }

  isCommitted(gtid: Gtid): boolean {
    return this.history.isCommitted(gtid);
  }

  holds(id: number, gtid: Gtid): boolean {
    return entryWithGtid(this.node(id).log, gtid) !== undefined;
  }

  /** All running members that hold data hold the same. */
  logsAreEqual(): boolean {
    const live = this.nodes.filter(({ view }) => view !== undefined && view.role !== 'arbiter');
    return live.every((node) => node.log === live[0]?.log);
  }

  // --- what happens to it

  /** Starts all members with the configuration on disk and a first entry (1,0) everywhere. */
  bootstrap(): this {
    const config = completeConfig({ ...this.configInput(), term: 1 });
    const first = this.makeEntry({ term: 1, opid: 0 }, 'first', undefined);
    for (const { id, disk } of this.nodes) {
      disk.config = config;
      disk.isComplete = true;
      const { incarnation } = disk;
      disk.vote = { term: 1, candidate: 0, incarnation, configTerm: 0, configVersion: 1 };
      const isArbiter = config.members.find((one) => one._id === id)?.arbiterOnly === true;
      if (!isArbiter) disk.durable = first;
    }
    this.history.commit(first, 1);
    for (const node of this.nodes) this.start(node.id);
    return this;
  }

  start(id: number): void {
    const node = this.node(id);
    const { disk } = node;
    node.begin();
    const member = this.protocol.create({
      host: node.host,
      incarnation: disk.incarnation,
      processId: `${id}.${node.life}`,
      now: this.ownNow(node),
      ...(node.log === undefined ? {} : { lastEntry: lastGtid(node.log) }),
      ...(disk.rollbackId === 0 ? {} : { rollbackId: disk.rollbackId }),
      needsInitialSync: !disk.isComplete,
      ...(disk.heldBefore === undefined ? {} : { heldBefore: disk.heldBefore }),
      ...(disk.vote === undefined ? {} : { vote: disk.vote }),
      ...(disk.config === undefined ? {} : { config: disk.config }),
    });
    node.member = member;
    node.view = this.protocol.view(member);
    this.say(id, 'starts');
    for (const watch of this.watchers.onStart) watch(node);
    this.tick(id);
  }

  /**
   * kill -9, with power loss unless told otherwise: of what is not durable yet the first `survivingShare` (0 to 1) survives. Connections
   * close, which the others notice unless cut off.
   */
  crash(id: number, survivingShare = 0): void {
    const node = this.node(id);
    if (node.member === undefined) return;
    node.end();
    node.log = node.disk.crash(node.log, survivingShare, entryAt);
    this.say(id, 'crashes');
    this.#processes.forget(node);
  }

  /** The data directory is lost, and a new one made. */
  wipe(id: number): void {
    const node = this.node(id);
    this.crash(id);
    this.history.disksLost += 1;
    node.disk.wipe(`${node.disk.incarnation}'`);
    node.log = undefined;
    this.say(id, 'loses its data directory');
  }

  /** The data directory is replaced by an old copy of it, under a new incarnation. */
  restore(id: number, image: DiskImage): void {
    const node = this.node(id);
    this.crash(id);
    this.history.disksLost += 1;
    node.disk.restore(image, `${node.disk.incarnation}'`);
    node.log = node.disk.durable;
    this.say(id, 'gets an old copy of its data directory');
  }

  /** A stopped process (SIGSTOP): time passes without it. */
  pause(id: number): void {
    this.node(id).isPaused = true;
    this.say(id, 'is paused');
  }

  resume(id: number): void {
    const node = this.node(id);
    if (!node.isPaused) return;
    node.isPaused = false;
    this.say(id, 'goes on');
    for (const run of node.stalled.splice(0)) run();
    this.tick(id);
  }

  /** From now on the node's clocks run at `rate` milliseconds per millisecond. */
  drift(id: number, rate: number): void {
    const node = this.node(id);
    node.clock.runAt(rate, this.now);
    if (node.member !== undefined) this.#processes.scheduleTick(node);
  }

  tick(id: number): void {
    this.#processes.tick(this.node(id));
  }

  /** A client's write enters the log there, if the member takes writes. */
  write(id: number, value = `v${this.#values}`): Gtid | undefined {
    const node = this.node(id);
    const { member, view } = node;
    if (member === undefined || view?.isWritable !== true || node.isPaused) return undefined;
    const wallSeconds = Math.floor(node.clock.wallMillis(this.now) / 1000);
    const gtid = this.protocol.nextGtid(member, lastGtid(node.log), wallSeconds);
    this.#processes.append(node, this.makeEntry(gtid, value, node.log));
    return gtid;
  }

  nextCommand(): number {
    this.#commands += 1;
    return this.#commands;
  }

  /** For commands that are answered at once. */
  command(id: number, command: Record<string, unknown> & { kind: string }): ReplyEffect {
    const number = this.nextCommand();
    const node = this.node(id);
    // The contract: that the data starts here is remembered before.
    if (command.kind === 'initiate') node.disk.isComplete = true;
    const now = this.ownNow(node);
    this.feed(id, { ...command, command: number, now } as unknown as Input);
    const reply = node.replies.get(number);
    if (reply === undefined) throw new Error('command was not answered');
    node.replies.delete(number);
    return reply;
  }

  /** `now` in the input is the member's own. */
  feed(id: number, input: Input): void {
    this.#processes.feed(this.node(id), input);
  }

  /** A member ends itself rather than break a promise. */
  end(node: Node<M>, because: string): void {
    for (const watch of this.watchers.onFatal) watch(node, because);
    this.say(node.id, `ends itself: ${because}`);
    this.crash(node.id, 1);
  }

  // --- virtual time

  run(millis: number): this {
    const end = this.now + millis;
    while (this.schedule.nextTime <= end) this.schedule.runNext();
    this.schedule.advanceTo(end);
    return this;
  }

  /** Runs until the condition holds; throws `DidNotHappen` if it does not within the time. */
  runUntil(condition: () => boolean, millis = 20_000): this {
    const end = this.now + millis;
    while (!condition()) {
      if (this.schedule.nextTime > end) {
        this.schedule.advanceTo(end);
        throw new DidNotHappen(`did not happen within ${millis} ms\n${this.story()}`);
      }
      this.schedule.runNext();
    }
    return this;
  }

  awaitPrimary(millis = 20_000): number {
    this.runUntil(() => this.primary() !== undefined, millis);
    return this.primary() ?? -1;
  }

  /** What the node's process does later: not if it has ended by then, and not while it is paused. */
  afterAt(node: Node<M>, millis: number, run: () => void): void {
    const { life } = node;
    this.schedule.after(millis, () => {
      if (node.life !== life) return;
      if (!node.isPaused) run();
      else
        node.stalled.push(() => {
          if (node.life === life) run();
        });
    });
  }

  // --- what is told

  get tellsStory(): boolean {
    return this.#story.isKept;
  }

  /** `id` -1: the world itself. */
  say(id: number, what: string): void {
    this.#story.tell(this.now, id < 0 ? '' : `n${id}`, what);
  }

  /** What was told so far is left out of the story. */
  beginStory(): void {
    this.#story.clear();
  }

  story(): string {
    return this.#story.text();
  }

  broken(invariant: string, detail: string): never {
    throw new InvariantBroken(invariant, detail, this.story());
  }

  makeEntry(gtid: Gtid, value: string, previous: Log): LogEntry {
    this.#values += 1;
    return new LogEntry(gtid, `${value}#${this.#values}`, previous, this.now);
  }
}
