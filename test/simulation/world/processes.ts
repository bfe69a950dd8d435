import type { Effect, Gtid, Input, Message } from '../../../src/ark/index.ts';
import { entryWithGtid, type LogEntry, lastGtid } from './log.ts';
import type { Node } from './node.ts';
import { Replication } from './replication.ts';
import type { World } from './world.ts';

/**
 * The caller of the members: feeds inputs one at a time and performs their effects, as the contract in `src/ark/effects.ts` says.
 */
export class Processes<M> {
  readonly #world: World<M>;
  readonly #replication: Replication<M>;
  readonly #nodeOfHost = new Map<string, Node<M>>();
  /** Inputs that came while effects were being performed. */
  readonly #queue: { readonly node: Node<M>; readonly life: number; readonly input: Input }[] = [];
  #isStepping = false;

  constructor(world: World<M>) {
    this.#world = world;
    this.#replication = new Replication(world, this);
    for (const node of world.nodes) this.#nodeOfHost.set(node.host, node);
  }

  feed(node: Node<M>, input: Input): void {
    if (node.member === undefined) return;
    if (this.#isStepping) {
      this.#queue.push({ node, life: node.life, input });
      return;
    }
    this.#isStepping = true;
    try {
      this.#step(node, input);
      while (this.#queue.length > 0) {
        const next = this.#queue.shift()!;
        if (next.node.life === next.life) this.#step(next.node, next.input);
      }
    } finally {
      this.#isStepping = false;
    }
  }

  tick(node: Node<M>): void {
    const { schedule, random, protocol } = this.#world;
    if (node.member === undefined) return;
    const { now } = schedule;
    // A deadline that is due has been reached, whatever the rounding of a drifting clock says.
    const own = node.clock.now(now);
    const deadline = protocol.nextDeadline(node.member);
    const isDue = node.clock.timeOf(deadline) <= now + 0.001;
    this.feed(node, {
      kind: 'tick',
      now: isDue ? Math.max(own, deadline) : own,
      random: random(),
    });
  }

  /** An entry enters a log: a client's, a no-op, or pulled from `source`, with the commit point told with it. */
  append(node: Node<M>, entry: LogEntry, source?: Node<M>, sourceCommitPoint?: Gtid): void {
    for (const watch of this.#world.watchers.onAppend) watch(node, entry, source);
    node.log = entry;
    const now = this.#world.ownNow(node);
    this.feed(
      node,
      sourceCommitPoint === undefined
        ? { kind: 'appended', gtid: entry.gtid, now }
        : { kind: 'appended', gtid: entry.gtid, now, sourceCommitPoint },
    );
    this.flush(node);
    this.#replication.wake(node);
  }

  /** Makes the log durable as it is now; one flush at a time, what comes meanwhile waits for the next. */
  flush(node: Node<M>): void {
    if (node.isFlushing || node.member === undefined) return;
    node.isFlushing = true;
    const { log, disk } = node;
    const { rollbackId, cuts } = disk;
    const world = this.#world;
    world.afterAt(node, disk.flushMillis(world.random), () => {
      node.isFlushing = false;
      if (this.#failsToFlush(node)) return;
      const isCut = disk.cuts !== cuts;
      if (disk.rollbackId === rollbackId && !isCut) disk.durable = log;
      // The slices of one rollback are durable in their order: of what one left, nobody hears after the next.
      if (disk.rollbackId !== rollbackId || !isCut) {
        const now = world.ownNow(node);
        this.feed(node, { kind: 'durable', gtid: lastGtid(log), rollbackId, now });
      }
      if (node.member !== undefined && disk.durable !== node.log) this.flush(node);
    });
  }

  /** The process is gone. */
  forget(node: Node<M>): void {
    this.#replication.forget(node);
    for (const other of this.#world.nodes)
      if (other.member !== undefined && !this.#world.network.isCut(node.id, other.id))
        this.#disconnect(other, node);
  }

  #step(node: Node<M>, input: Input): void {
    const { member, view: before } = node;
    if (member === undefined || before === undefined) return;
    const world = this.#world;
    const { watchers } = world;
    const effects = world.protocol.step(member, input, node.clock.wallMillis(world.now));
    const after = world.protocol.view(member);
    node.view = after;
    world.steps += 1;
    this.#hash(node, input, effects);
    for (const watch of watchers.onStep) watch(node, input, before, after, effects);
    if (after.role === 'primary' && (before.role !== 'primary' || before.term !== after.term)) {
      for (const watch of watchers.onPrimary) watch(node, after.term);
      const { log, id } = node;
      world.history.begin({ term: after.term, node: id, startedAt: world.now, log });
    }
    for (const effect of effects) this.#perform(node, effect);
    if (node.member !== undefined) this.scheduleTick(node);
  }

  #hash(node: Node<M>, input: Input, effects: readonly Effect[]): void {
    const { hash, now } = this.#world;
    hash.add(node.id);
    hash.add(now * 1000);
    hash.addWord(input.kind === 'message' ? input.message.kind : input.kind);
    hash.add(node.log?.hash ?? 0);
    for (const effect of effects) hash.addWord(effect.kind);
  }

  #perform(node: Node<M>, effect: Effect): void {
    const world = this.#world;
    switch (effect.kind) {
      case 'persist':
        this.#persist(node, effect);
        break;
      case 'send': {
        const to = this.#nodeOfHost.get(effect.to.host);
        if (to === undefined) break;
        if (effect.afterToken !== undefined && effect.afterToken > node.persistedToken)
          node.held.push({ token: effect.afterToken, message: effect.message, to: to.id });
        else this.#depart(node, to, effect.message);
        break;
      }
      case 'syncFrom':
        this.#replication.syncFrom(node, effect.source?.member);
        break;
      case 'role':
        if (world.tellsStory) world.say(node.id, roleLine(effect));
        this.#replication.wake(node);
        break;
      case 'commitPoint':
        this.#commitPoint(node, effect.gtid);
        break;
      case 'writeNoop': {
        const gtid = { term: effect.term, opid: 0 };
        this.append(node, world.makeEntry(gtid, `noop by n${node.id}`, node.log));
        break;
      }
      case 'startInitialSync':
        this.#replication.copy(node, effect.source.member, effect.held);
        break;
      case 'rollback':
        this.#replication.rollBack(node, effect.source.member);
        break;
      case 'reply':
        node.replies.set(effect.command, effect);
        break;
      case 'log':
        world.marks.set(effect.mark, (world.marks.get(effect.mark) ?? 0) + 1);
        if (world.tellsStory) world.say(node.id, logLine(effect));
        for (const watch of world.watchers.onLog) watch(node, effect);
        break;
      case 'fatal':
        world.end(node, effect.because);
        break;
      case 'config':
      case 'failWaiters':
      case 'progress':
        break;
      default:
        effect satisfies never;
    }
  }

  #persist(node: Node<M>, effect: Effect & { kind: 'persist' }): void {
    const { disk } = node;
    const world = this.#world;
    disk.write(effect);
    // Persists are made in order.
    disk.busyUntil = Math.max(disk.busyUntil, world.now + disk.flushMillis(world.random));
    world.afterAt(node, disk.busyUntil - world.now, () => {
      if (this.#failsToFlush(node)) return;
      disk.flushed(effect.token);
      node.persistedToken = effect.token;
      const ready = node.held.filter((one) => one.token <= effect.token);
      if (ready.length > 0) node.held = node.held.filter((one) => one.token > effect.token);
      for (const one of ready) this.#depart(node, world.node(one.to), one.message);
      const now = world.ownNow(node);
      this.feed(node, { kind: 'persisted', token: effect.token, now });
    });
  }

  /** What could not be made durable may be there or not: only a new start, from the disk, knows. */
  #failsToFlush(node: Node<M>): boolean {
    const { disk, id } = node;
    if (!disk.isFailing) return false;
    disk.isFailing = false;
    this.#world.say(id, 'cannot flush');
    this.#world.crash(id, this.#world.random());
    return true;
  }

  #depart(node: Node<M>, to: Node<M>, sent: Message): void {
    const world = this.#world;
    const { network } = world;
    for (const watch of world.watchers.onSend) watch(node, sent, to);
    world.messagesSent += 1;
    world.sentKinds[sent.kind] = (world.sentKinds[sent.kind] ?? 0) + 1;
    const filtered = network.filter === undefined ? true : network.filter(node.id, to.id, sent);
    if (filtered === false) return;
    const message = filtered === true ? sent : filtered;
    if (network.loses()) return;
    this.#travel(node, to, message);
    if (network.duplicates()) this.#travel(node, to, message);
  }

  #travel(node: Node<M>, to: Node<M>, message: Message): void {
    const { schedule, network } = this.#world;
    schedule.after(network.delay(node.id, to.id, schedule.now), () => {
      if (network.isCut(node.id, to.id)) return;
      if (to.member === undefined) {
        if (node.member !== undefined) this.#disconnect(node, to);
      } else if (to.isPaused) {
        const { life } = to;
        to.stalled.push(() => {
          if (to.life === life) this.#deliver(to, message);
        });
      } else this.#deliver(to, message);
    });
  }

  #deliver(to: Node<M>, message: Message): void {
    this.feed(to, { kind: 'message', message, now: this.#world.ownNow(to) });
  }

  #disconnect(at: Node<M>, from: Node<M>): void {
    const world = this.#world;
    world.afterAt(at, world.network.delay(from.id, at.id, world.now), () => {
      if (from.member !== undefined) return;
      this.feed(at, { kind: 'peerDisconnected', member: from.id, now: world.ownNow(at) });
    });
  }

  #commitPoint(node: Node<M>, gtid: Gtid): void {
    const { watchers, history } = this.#world;
    const entry = entryWithGtid(node.log, gtid);
    for (const watch of watchers.onCommitPoint) watch(node, gtid, entry);
    node.commitPoint = gtid;
    if (node.view?.role === 'primary' && entry !== undefined) history.commit(entry, node.view.term);
    this.#replication.wakeSoon(node);
  }

  /** One tick is always on its way. One that comes early looks when it is due now. */
  scheduleTick(node: Node<M>): void {
    const world = this.#world;
    const due = this.#tickDue(node);
    if (node.tickAt <= due) return;
    node.tickAt = due;
    world.afterAt(node, due - world.now, () => {
      if (node.tickAt !== due) return;
      node.tickAt = Number.POSITIVE_INFINITY;
      if (this.#tickDue(node) > world.now) this.scheduleTick(node);
      else this.tick(node);
    });
  }

  #tickDue(node: Node<M>): number {
    const { protocol, now } = this.#world;
    return Math.max(now, node.clock.timeOf(protocol.nextDeadline(node.member!)));
  }
}

function roleLine({ state, writable, because }: Effect & { kind: 'role' }): string {
  return `is ${state}${writable ? ', writable' : ''} (${because})`;
}

function logLine({ mark, fields }: Effect & { kind: 'log' }): string {
  const shown = Object.entries(fields).filter(([name]) => name !== 'attempt');
  return [mark, ...shown.map(([name, value]) => `${name}=${value}`)].join(' ');
}
