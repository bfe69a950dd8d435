/**
 * Who is reachable from whom, how long a packet takes, and which get lost.
 *
 * A cut is silence: one-way messages are lost, connections stall and go on when it is healed in
 * time. A process that ends on a running machine resets its connections; a machine without power does not.
 */
import type { Dice } from '../../../scripts/chaos/random.ts';
import type { Message } from '../../../src/ark/index.ts';
import type { Server } from './server.ts';
import type { Timeline } from './timeline.ts';

export interface NetworkHabits {
  /** One way, milliseconds. */
  readonly latencyMs: number;
  readonly jitterMs: number;
  /** Share of one-way messages lost on the way. */
  readonly lossShare: number;
  /** Share of one-way messages that come up to `lateMs` later, after others sent after them. */
  readonly lateShare: number;
  readonly lateMs: number;
}

/** How long a stalled connection waits before it tries again. */
const retransmitMs = 100;

export class Network {
  readonly timeline: Timeline;
  readonly dice: Dice;
  habits: NetworkHabits;
  readonly #listening = new Map<string, Server>();
  readonly #dark = new Set<string>();
  /** How many cuts there are on each way. */
  readonly #cuts = new Map<string, number>();
  readonly #connections = new Set<{ readonly ends: readonly string[]; reset(): void }>();
  #connectionIds = 0;
  delivered = 0;
  /** Told of every delivery, for the hash. */
  onDelivery: (from: string, to: string, bytes: Buffer) => void = () => {};
  /** Told of every message that a member of that name sends. */
  onMessage: (from: string, message: Message) => void = () => {};

  constructor(timeline: Timeline, dice: Dice, habits: NetworkHabits) {
    this.timeline = timeline;
    this.dice = dice;
    this.habits = habits;
  }

  nextConnectionId(): number {
    return ++this.#connectionIds;
  }

  // -- who is there -------------------------------------------------------------------------------

  listen(server: Server): void {
    this.#listening.set(server.host, server);
    this.#dark.delete(server.host);
    // The machine that has power again knows nothing of the connections it had.
    this.resetConnections(server.host);
  }

  /** `isDark`: the machine is off and answers nothing, not even a refusal. */
  unlisten(host: string, isDark: boolean): void {
    this.#listening.delete(host);
    if (isDark) this.#dark.add(host);
    else this.resetConnections(host);
  }

  at(host: string): Server | undefined {
    return this.#listening.get(host);
  }

  isDark(host: string): boolean {
    return this.#dark.has(host);
  }

  // -- cuts ---------------------------------------------------------------------------------------

  /** Silence from here to there, until the returned function is called. */
  cut(from: string, to: string): () => void {
    const way = `${from} ${to}`;
    this.#cuts.set(way, (this.#cuts.get(way) ?? 0) + 1);
    return () => {
      const left = (this.#cuts.get(way) ?? 0) - 1;
      if (left > 0) this.#cuts.set(way, left);
      else this.#cuts.delete(way);
    };
  }

  isCut(from: string, to: string): boolean {
    return this.#cuts.has(`${from} ${to}`);
  }

  /** Mends all of them. */
  heal(): void {
    this.#cuts.clear();
  }

  // -- packets ------------------------------------------------------------------------------------

  latency(): number {
    const { latencyMs, jitterMs } = this.habits;
    return latencyMs + this.dice.fraction() * jitterMs;
  }

  /** A one-way message: it arrives once or never. */
  message(from: string, to: string, bytes: Buffer, arrive: () => void): void {
    const { lossShare, lateShare, lateMs } = this.habits;
    const isLost = this.dice.chance(lossShare) || this.isCut(from, to);
    const lateness = this.dice.chance(lateShare) ? this.dice.fraction() * lateMs : 0;
    const takes = this.latency() + lateness;
    if (isLost) return;
    this.timeline.after(takes, () => {
      if (this.isCut(from, to)) return;
      this.delivery(from, to, bytes);
      arrive();
    });
  }

  /** One direction of a connection: everything arrives, in order, or nothing any more. */
  lane(from: string, to: string): Lane {
    return new Lane(this, from, to);
  }

  delivery(from: string, to: string, bytes: Buffer): void {
    this.delivered++;
    this.onDelivery(from, to, bytes);
  }

  // -- connections --------------------------------------------------------------------------------

  opened(connection: { readonly ends: readonly string[]; reset(): void }): void {
    this.#connections.add(connection);
  }

  closed(connection: { readonly ends: readonly string[]; reset(): void }): void {
    this.#connections.delete(connection);
  }

  /** Both sides of every connection with that host (and that other one) are told that it is gone. */
  resetConnections(host: string, other?: string): void {
    for (const connection of [...this.#connections]) {
      const { ends } = connection;
      if (ends.includes(host) && (other === undefined || ends.includes(other))) connection.reset();
    }
  }
}

export class Lane {
  readonly #network: Network;
  readonly #from: string;
  readonly #to: string;
  #queue: { readonly due: number; readonly bytes: Buffer | undefined; arrive: () => void }[] = [];
  #isMoving = false;

  constructor(network: Network, from: string, to: string) {
    this.#network = network;
    this.#from = from;
    this.#to = to;
  }

  push(bytes: Buffer | undefined, arrive: () => void): void {
    const network = this.#network;
    this.#queue.push({ due: network.timeline.now + network.latency(), bytes, arrive });
    if (!this.#isMoving) this.#move();
  }

  close(): void {
    this.#queue = [];
  }

  #move(): void {
    const network = this.#network;
    const first = this.#queue[0];
    this.#isMoving = first !== undefined;
    if (first === undefined) return;
    network.timeline.after(first.due - network.timeline.now, () => this.#arrive());
  }

  #arrive(): void {
    const network = this.#network;
    if (network.isCut(this.#from, this.#to)) {
      network.timeline.after(retransmitMs, () => this.#arrive());
      return;
    }
    const first = this.#queue.shift();
    if (first !== undefined) {
      if (first.bytes !== undefined) network.delivery(this.#from, this.#to, first.bytes);
      first.arrive();
    }
    this.#move();
  }
}
