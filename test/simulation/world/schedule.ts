interface Event {
  readonly time: number;
  /** Events of the same time happen in the order they were planned. */
  readonly order: number;
  readonly run: () => void;
}

/** What will happen on virtual time (milliseconds), earliest first: a binary heap. Nothing is ever taken out; who plans checks. */
export class Schedule {
  #now = 0;
  #heap: Event[] = [];
  #planned = 0;

  get now(): number {
    return this.#now;
  }

  /** Time of the next event, Infinity when there is none. */
  get nextTime(): number {
    return this.#heap[0]?.time ?? Number.POSITIVE_INFINITY;
  }

  /** How many events have been planned so far. */
  get planned(): number {
    return this.#planned;
  }

  after(millis: number, run: () => void): void {
    this.at(this.#now + millis, run);
  }

  at(time: number, run: () => void): void {
    const heap = this.#heap;
    this.#planned += 1;
    const event: Event = { time: Math.max(time, this.#now), order: this.#planned, run };
    let index = heap.length;
    heap.push(event);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent]!;
      if (!isEarlier(event, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = event;
  }

  /** Lets the next event happen, at its time. */
  runNext(): void {
    const next = this.#take();
    if (next === undefined) return;
    this.#now = next.time;
    next.run();
  }

  /** Lets time pass without events, up to the next one at most. */
  advanceTo(time: number): void {
    this.#now = Math.max(this.#now, Math.min(time, this.nextTime));
  }

  #take(): Event | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isEarlier(heap[child + 1]!, heap[child]!)) child += 1;
      if (!isEarlier(heap[child]!, last)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = last;
    return first;
  }
}

function isEarlier(a: Event, b: Event): boolean {
  return a.time === b.time ? a.order < b.order : a.time < b.time;
}
