import type { Message } from '../../../src/ark/index.ts';
import type { Random } from './random.ts';

/** Milliseconds from one node to another, drawn anew for each message. */
export type LinkDelay = (from: number, to: number, random: Random) => number;

export interface NetworkOptions {
  /** Shortest and longest one-way delay, milliseconds; each message draws its own, so they overtake each other. */
  readonly millis: readonly [number, number];
  /** Share of messages that get lost, and that arrive twice. */
  readonly lossRate: number;
  readonly duplicateRate: number;
  /** Draws the one-way delay in the place of `millis`, for sets that span regions. */
  readonly delay?: LinkDelay;
}

/**
 * The links between nodes, each direction for itself. A cut one swallows everything silently; a clogged one holds everything back until
 * it is free again.
 */
export class Network {
  /** Return false to lose a message, another message to forge it. */
  filter: ((from: number, to: number, message: Message) => boolean | Message) | undefined;
  options: NetworkOptions;
  readonly #size: number;
  readonly #random: Random;
  readonly #isCut: boolean[];
  readonly #cloggedUntil: number[];
  /** Milliseconds that a link takes in addition. */
  readonly #extra: number[];

  constructor(size: number, options: NetworkOptions, random: Random) {
    this.#size = size;
    this.#random = random;
    this.options = options;
    this.#isCut = new Array(size * size).fill(false);
    this.#cloggedUntil = new Array(size * size).fill(0);
    this.#extra = new Array(size * size).fill(0);
  }

  isCut(from: number, to: number): boolean {
    return this.#isCut[from * this.#size + to]!;
  }

  /** Whether something asked there comes back. */
  isCutEitherWay(a: number, b: number): boolean {
    return this.isCut(a, b) || this.isCut(b, a);
  }

  /** Both ways between each of the one and each of the other. */
  cut(a: readonly number[], b: readonly number[]): void {
    for (const x of a)
      for (const y of b) {
        if (x === y) continue;
        this.cutOneWay(x, y);
        this.cutOneWay(y, x);
      }
  }

  cutOneWay(from: number, to: number): void {
    this.#isCut[from * this.#size + to] = true;
  }

  restore(from: number, to: number): void {
    const link = from * this.#size + to;
    this.#isCut[link] = false;
    this.#cloggedUntil[link] = 0;
  }

  heal(): void {
    this.#isCut.fill(false);
    this.#cloggedUntil.fill(0);
    this.filter = undefined;
  }

  clog(from: number, to: number, until: number): void {
    this.#cloggedUntil[from * this.#size + to] = until;
  }

  /** The link takes so much longer from now on. */
  lengthen(from: number, to: number, millis: number): void {
    this.#extra[from * this.#size + to] = millis;
  }

  loses(): boolean {
    return this.options.lossRate > 0 && this.#random() < this.options.lossRate;
  }

  duplicates(): boolean {
    return this.options.duplicateRate > 0 && this.#random() < this.options.duplicateRate;
  }

  /** Milliseconds until something that leaves at `now` arrives. */
  delay(from: number, to: number, now: number): number {
    const link = from * this.#size + to;
    return (
      Math.max(0, this.#cloggedUntil[link]! - now) + this.#drawn(from, to) + this.#extra[link]!
    );
  }

  #drawn(from: number, to: number): number {
    const { millis, delay } = this.options;
    if (delay !== undefined) return delay(from, to, this.#random);
    return millis[0] + this.#random() * (millis[1] - millis[0]);
  }
}
