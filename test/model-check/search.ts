import type { Bounds } from './bounds.ts';
import { Fingerprints, hashed, hashRow } from './fingerprints.ts';
import { Model } from './model.ts';
import type { Violation } from './successor.ts';
import { traceTo } from './trace.ts';

export interface SearchReport {
  readonly states: number;
  readonly transitions: number;
  /** Transitions on the longest of all shortest paths. */
  readonly depth: number;
  readonly seconds: number;
  /** Of this process on all cores meanwhile: comparable on a busy machine. */
  readonly cpuSeconds: number;
  /** Calls of the real `step` machinery; every other transition repeats one of them. */
  readonly reactions: number;
  /** Everything within the bounds was visited. */
  readonly isComplete: boolean;
  readonly violation: Violation | undefined;
  /** One line per step of a shortest way to the violation. */
  readonly trace: readonly string[];
}

export interface SearchLimits {
  readonly maxStates?: number;
  /** Of CPU time. */
  readonly maxSeconds?: number;
  /** Of all violations only these end the search. */
  readonly isWanted?: (violation: Violation) => boolean;
  readonly onLevel?: (depth: number, states: number, frontier: number) => void;
}

/** Visits every state within the bounds, nearest first, and stops at the first violation. */
export function search(bounds: Bounds, limits: SearchLimits = {}): SearchReport {
  const { maxStates = Number.POSITIVE_INFINITY, maxSeconds = Number.POSITIVE_INFINITY } = limits;
  const isWanted = limits.isWanted ?? (() => true);
  const started = performance.now();
  const cpu = process.cpuUsage();
  const model = new Model(bounds);
  const { width } = model.layout;
  const visited = new Fingerprints();
  let frontier = new Rows(width);
  let transitions = 0;
  let depth = 0;
  let violation: Violation | undefined;
  let parent = 0;
  let upcoming = new Rows(width);

  const take = () => {
    transitions += 1;
    if (violation !== undefined) return;
    hashRow(model.next.row, width);
    if (!visited.add(hashed.high, hashed.low, parent)) {
      if (model.next.violation === undefined || !isWanted(model.next.violation)) return;
    }
    upcoming.push(model.next.row);
    if (model.next.violation !== undefined && isWanted(model.next.violation))
      violation = model.next.violation;
  };

  const initial = model.initial();
  hashRow(initial, width);
  visited.add(hashed.high, hashed.low, 0);
  frontier.push(initial);
  let first = 0;
  const isOver = () =>
    violation !== undefined || visited.size >= maxStates || cpuSecondsSince(cpu) > maxSeconds;
  let isComplete = false;
  let lastIndex = 0;
  const row = new Int32Array(model.layout.length);
  while (!isOver()) {
    if (frontier.count === 0) {
      isComplete = true;
      break;
    }
    const before = visited.size;
    for (let at = 0; at < frontier.count && violation === undefined; at++) {
      parent = first + at;
      frontier.read(at, row);
      model.forEachSuccessor(row, take);
      lastIndex = parent;
      if ((at & 4095) === 4095 && isOver()) break;
    }
    first = before;
    [frontier, upcoming] = [upcoming, frontier];
    upcoming.clear();
    if (frontier.count > 0) depth += 1;
    limits.onLevel?.(depth, visited.size, frontier.count);
  }
  return {
    states: visited.size,
    transitions,
    depth,
    seconds: (performance.now() - started) / 1000,
    cpuSeconds: cpuSecondsSince(cpu),
    reactions: model.reactions.calls,
    isComplete,
    violation,
    trace: violation === undefined ? [] : traceTo(model, visited, lastIndex, isWanted),
  };
}

function cpuSecondsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** Rows one after the other. */
class Rows {
  readonly #width: number;
  #words: Int32Array<ArrayBuffer>;
  count = 0;

  constructor(width: number) {
    this.#width = width;
    this.#words = new Int32Array(1024 * width);
  }

  push(row: Int32Array): void {
    const at = this.count * this.#width;
    if (at === this.#words.length) {
      const wider = new Int32Array(Math.ceil(this.count * 1.5) * this.#width);
      wider.set(this.#words);
      this.#words = wider;
    }
    for (let word = 0; word < this.#width; word++) this.#words[at + word] = row[word]!;
    this.count += 1;
  }

  read(index: number, into: Int32Array): void {
    const from = index * this.#width;
    for (let at = 0; at < this.#width; at++) into[at] = this.#words[from + at]!;
  }

  clear(): void {
    this.count = 0;
  }
}
