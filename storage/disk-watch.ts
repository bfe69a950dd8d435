/** Looks at the room left, every second, so that client writes are refused before the disk is full. */

import { type BigIntStatsFs, statfs, statfsSync } from 'node:fs';
import { OutOfSpace } from './engine.ts';

export interface DiskWatchOptions {
  readonly path: string;
  readonly quotaBytes?: number;
  readonly lowDiskBytes?: number;
}

const lookEveryMs = 1000;
const defaultLowDiskBytes = 256 * 2 ** 20;

function availableBytes(stats: BigIntStatsFs): number {
  return Number(stats.bavail * stats.bsize);
}

export class DiskWatch {
  readonly #options: DiskWatchOptions;
  readonly #usedBytes: () => number;
  readonly #timer: NodeJS.Timeout;
  #problem: OutOfSpace | undefined;
  freeBytes: number;

  constructor(options: DiskWatchOptions, usedBytes: () => number) {
    this.#options = options;
    this.#usedBytes = usedBytes;
    this.freeBytes = availableBytes(statfsSync(options.path, { bigint: true }));
    this.#judge();
    this.#timer = setInterval(() => this.#look(), lookEveryMs);
    this.#timer.unref();
  }

  assertSpace(): void {
    if (this.#problem === undefined) return;
    throw new OutOfSpace(this.#problem.reason, this.#problem.message);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    statfs(this.#options.path, { bigint: true }, (error, stats) => {
      // A disk that does not answer shows in the next flush, which is the owner's to judge.
      if (error === null) this.freeBytes = availableBytes(stats);
    });
    this.#judge();
  }

  #judge(): void {
    const { quotaBytes = Number.POSITIVE_INFINITY, lowDiskBytes = defaultLowDiskBytes } =
      this.#options;
    const used = this.#usedBytes();
    if (this.freeBytes < lowDiskBytes) {
      this.#problem = new OutOfSpace(
        'disk',
        `only ${this.freeBytes} bytes are left on the disk, ${lowDiskBytes} are needed for writes`,
      );
    } else if (used >= quotaBytes) {
      this.#problem = new OutOfSpace(
        'quota',
        `the data has ${used} bytes, the quota allows ${quotaBytes}`,
      );
    } else {
      this.#problem = undefined;
    }
  }
}
