/** How long the commands on one collection took, as `$collStats` and its histograms show it. */
import type { OpCounter } from '../command.ts';

/** Manual: $collStats, latencyStats. Transactions are none of these. */
export type LatencyKind = 'reads' | 'writes' | 'commands';

const reads: ReadonlySet<string> = new Set(['aggregate', 'count', 'distinct']);
const writes: ReadonlySet<string> = new Set(['bulkWrite', 'findAndModify']);

const kindOfCounter: Readonly<Partial<Record<OpCounter, LatencyKind>>> = {
  query: 'reads',
  getmore: 'reads',
  insert: 'writes',
  update: 'writes',
  delete: 'writes',
};

export function latencyKindOf(command: string, counter: OpCounter): LatencyKind {
  const kind = kindOfCounter[counter];
  if (kind !== undefined) return kind;
  if (reads.has(command)) return 'reads';
  return writes.has(command) ? 'writes' : 'commands';
}

/** Microseconds at which the buckets begin: powers of two, finer where people look. */
const bucketStarts: readonly number[] = makeBucketStarts();

function makeBucketStarts(): number[] {
  const starts = [0];
  for (let exponent = 1; exponent <= 40; exponent++) {
    const power = 2 ** exponent;
    starts.push(power);
    // Between a millisecond and two seconds the steps are half as wide.
    if (power >= 2 ** 11 && power < 2 ** 21) starts.push(power * 1.5);
  }
  return starts.sort((a, b) => a - b);
}

export class Latency {
  #microseconds = 0;
  #count = 0;
  readonly #buckets = new Float64Array(bucketStarts.length);

  add(microseconds: number): void {
    this.#microseconds += microseconds;
    this.#count++;
    let low = 0;
    let high = bucketStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((bucketStarts[middle] as number) <= microseconds) low = middle;
      else high = middle - 1;
    }
    this.#buckets[low]!++;
  }

  describe(withHistogram: boolean): Record<string, unknown> {
    const sums = { latency: BigInt(this.#microseconds), ops: BigInt(this.#count) };
    if (!withHistogram) return sums;
    const histogram: Record<string, bigint>[] = [];
    for (const [at, count] of this.#buckets.entries()) {
      const micros = BigInt(bucketStarts[at] as number);
      if (count > 0) histogram.push({ micros, count: BigInt(count) });
    }
    return { histogram, ...sums };
  }
}

const nothing = new Latency();

/** `latencyStats` of a collection; undefined: nothing was asked of it yet. */
export function describeLatencies(
  latencies: Readonly<Partial<Record<LatencyKind, Latency>>> = {},
  withHistograms: boolean,
): Record<string, unknown> {
  const describe = (latency: Latency = nothing) => latency.describe(withHistograms);
  return {
    reads: describe(latencies.reads),
    writes: describe(latencies.writes),
    commands: describe(latencies.commands),
    transactions: describe(),
  };
}
