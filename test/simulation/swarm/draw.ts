import { type Random, randomFrom } from '../world/index.ts';

/** Draws of all shapes from one seed. */
export class Draw {
  readonly random: Random;

  constructor(seed: number) {
    this.random = randomFrom(seed);
  }

  chance(share: number): boolean {
    return this.random() < share;
  }

  /** 0 to `count` - 1. */
  below(count: number): number {
    return Math.floor(this.random() * count);
  }

  between(low: number, high: number): number {
    return low + this.random() * (high - low);
  }

  /** Whole milliseconds, mostly short: the square of an even draw. */
  millis(longest: number): number {
    return Math.round(longest * this.random() ** 2);
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }

  /** One of the names, in proportion to its weight. */
  weighted<K extends string>(weights: Readonly<Partial<Record<K, number>>>): K {
    const entries = Object.entries(weights) as [K, number][];
    let left = this.random() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [name, weight] of entries) {
      left -= weight;
      if (left < 0) return name;
    }
    return entries.at(-1)![0];
  }
}
