import { canEverBeSatisfied, type Effect, type WriteConcern } from '../../../src/ark/index.ts';
import { contains, type Log, type LogEntry } from './log.ts';
import type { Node } from './node.ts';
import type { World } from './world.ts';

interface Waiter {
  readonly life: number;
  readonly entry: LogEntry;
  readonly term: number;
  readonly concern: WriteConcern;
  /** What was acknowledged to anybody as held by a majority when this was asked for. */
  readonly acknowledgedBefore: Log;
}

interface Reader {
  readonly log: Log;
  readonly acknowledgedBefore: Log;
}

/** A read takes so long. */
const readMillis = 3;

/** Clients that write at a member and wait until their entry is held as they asked. */
export class Clients<M> {
  readonly #world: World<M>;
  readonly #waiters: Waiter[][];
  readonly #readers = new Map<number, Reader>();
  /** The newest entry that somebody was told a majority holds. */
  acknowledged: Log;
  acknowledgements = 0;
  reads = 0;

  constructor(world: World<M>) {
    this.#world = world;
    this.#waiters = world.nodes.map(() => []);
    world.watchers.onStep.push((node, _input, _before, _after, effects) => {
      if (this.#readers.size > 0) this.#answerReaders(node, effects);
      if (this.#waiters[node.id]!.length === 0) return;
      for (const effect of effects) {
        if (effect.kind === 'failWaiters') this.#waiters[node.id] = [];
        // Looked at when the effects have been performed.
        else if (effect.kind === 'commitPoint' || effect.kind === 'progress')
          world.afterAt(node, 0, () => this.#answer(node));
      }
    });
  }

  /** Writes at the node, if it takes writes, and waits if that can ever be answered. */
  write(id: number, concern: WriteConcern): void {
    const world = this.#world;
    const node = world.node(id);
    const config = node.view?.config;
    const isHopeless = config !== undefined && canEverBeSatisfied(config, concern) !== 'yes';
    const { acknowledged } = this;
    const gtid = world.write(id);
    if (gtid === undefined || node.log === undefined || node.view?.role !== 'primary') return;
    const { life, log: entry, view, member } = node;
    if (isHopeless) {
      if (member !== undefined && world.protocol.isAcknowledged(member, concern, gtid, view.term))
        world.broken('HopelessConcern', `n${id} has what can never be: ${JSON.stringify(concern)}`);
      return;
    }
    const waiter: Waiter = {
      life,
      entry,
      term: view.term,
      concern,
      acknowledgedBefore: acknowledged,
    };
    this.#waiters[id]!.push(waiter);
    this.#answer(node);
  }

  /** Reads the newest entry there and, when it has been read, has the lead confirmed, as linearizable reads do. */
  read(id: number): void {
    const { view, log, isPaused } = this.#world.node(id);
    if (view?.isWritable !== true || isPaused) return;
    const command = this.#world.nextCommand();
    this.#readers.set(command, { log, acknowledgedBefore: this.acknowledged });
    const { term } = view;
    const node = this.#world.node(id);
    this.#world.afterAt(node, readMillis, () =>
      this.#world.feed(id, { kind: 'confirmLead', command, term, now: this.#world.ownNow(node) }),
    );
  }

  #answerReaders(node: Node<M>, effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.kind !== 'reply') continue;
      const reader = this.#readers.get(effect.command);
      if (reader === undefined) continue;
      this.#readers.delete(effect.command);
      if (!effect.outcome.ok) continue;
      this.reads += 1;
      // Looked at when the effects have been performed.
      this.#world.schedule.after(0, () => {
        for (const watch of this.#world.watchers.onRead)
          watch(node, reader.log, reader.acknowledgedBefore);
      });
    }
  }

  #answer(node: Node<M>): void {
    const { protocol, watchers } = this.#world;
    const { member } = node;
    const waiters = this.#waiters[node.id]!;
    if (waiters.length === 0) return;
    this.#waiters[node.id] = waiters.filter((waiter) => {
      const { life, entry, term, concern } = waiter;
      if (member === undefined || node.life !== life) return false;
      if (!protocol.isAcknowledged(member, concern, entry.gtid, term)) return true;
      for (const watch of watchers.onAcknowledged)
        watch(node, entry, term, concern, waiter.acknowledgedBefore);
      this.#note(entry, term, concern);
      return false;
    });
  }

  #note(entry: LogEntry, term: number, { w }: WriteConcern): void {
    this.acknowledgements += 1;
    if (w !== 'majority') return;
    this.#world.history.commit(entry, term);
    const { acknowledged } = this;
    if (acknowledged === undefined || contains(entry, acknowledged)) this.acknowledged = entry;
  }
}
