import { BsonType, readInt64, truncateToInteger } from '../../../bson/index.ts';
import { MongoServerError } from '../../../errors/index.ts';
import {
  addValues,
  compareMaybe,
  dateValue,
  type Expression,
  isNumber,
  type MaybeValue,
  nullValue,
  ownValue,
  type Scope,
  shiftDate,
  typeName,
  type Value,
} from '../../../expressions/index.ts';
import { type Bound, type RangeBounds, stepOf, type WindowBounds } from './window-bounds.ts';
import type { WindowRun, WindowState } from './window-function.ts';
import { WindowQueue } from './window-queue.ts';

/** What a function looks at of each document. */
export interface FrameInput {
  readonly argument: Expression;
  readonly sortKey?: ((scope: Scope) => Buffer) | undefined;
  /** The field a range is of; undefined where windows count documents. */
  readonly sortValue: Expression | undefined;
}

/**
 * A state over a window that moves with the current document. Both its ends only move forward, so each
 * document comes in once and leaves once.
 */
export class WindowFrame implements WindowRun {
  readonly #input: FrameInput;
  readonly #state: WindowState;
  readonly #ends: FrameEnds;
  readonly #queue = new WindowQueue();
  /** Positions [from, to) are in the state. */
  #from = 0;
  #to = 0;
  /** Of the state as it is; undefined: it has changed. */
  #result: { readonly value: MaybeValue } | undefined;

  constructor(bounds: WindowBounds, input: FrameInput, state: WindowState) {
    this.#input = input;
    this.#state = state;
    this.#ends =
      bounds.kind === 'documents'
        ? new DocumentEnds(stepOf(bounds.lower), stepOf(bounds.upper))
        : new RangeEnds(bounds);
  }

  get heldBytes(): number {
    return this.#queue.heldBytes + this.#state.heldBytes;
  }

  add(scope: Scope): void {
    const { argument, sortKey, sortValue } = this.#input;
    const value = argument.evaluate(scope);
    this.#queue.push({
      value: value && ownValue(value),
      sortKey: sortKey?.(scope),
      sortValue: sortValue && ownValue(sortValue.evaluate(scope) ?? nullValue),
    });
  }

  isReady(at: number, isWhole: boolean): boolean {
    return this.#queue.end > at && (isWhole || this.#ends.isReached(at, this.#queue));
  }

  result(at: number): MaybeValue {
    const queue = this.#queue;
    const [from, to] = this.#ends.of(at, queue);
    for (; this.#from < from && this.#from < this.#to; this.#from++) {
      this.#state.remove(queue.at(this.#from).value);
      this.#result = undefined;
    }
    // The window may begin behind all that has been in it.
    if (this.#from < from) this.#from = from;
    if (this.#to < from) this.#to = from;
    for (; this.#to < to; this.#to++) {
      const { value, sortKey } = queue.at(this.#to);
      this.#state.add(value, sortKey);
      this.#result = undefined;
    }
    queue.dropBefore(Math.min(this.#ends.neverLeaves ? this.#to : from, at + 1));
    this.#result ??= { value: this.#state.result() };
    return this.#result.value;
  }
}

/** A state over the whole partition: one result for all its documents. */
export class WholeFrame implements WindowRun {
  readonly #input: FrameInput;
  readonly #state: WindowState;
  #result: { readonly value: MaybeValue } | undefined;

  constructor(input: FrameInput, state: WindowState) {
    this.#input = input;
    this.#state = state;
  }

  get heldBytes(): number {
    return this.#state.heldBytes;
  }

  add(scope: Scope): void {
    this.#state.add(this.#input.argument.evaluate(scope), this.#input.sortKey?.(scope));
  }

  isReady(_at: number, isWhole: boolean): boolean {
    return isWhole;
  }

  result(): MaybeValue {
    this.#result ??= { value: this.#state.result() };
    return this.#result.value;
  }
}

/** Where the window of a document begins and ends. */
interface FrameEnds {
  /** What is in the window stays in it. */
  readonly neverLeaves: boolean;
  /** The queue has the first document behind the window. */
  isReached(at: number, queue: WindowQueue): boolean;
  /** Positions [from, to), `from` at most `to`, `to` at most the queue's end. */
  of(at: number, queue: WindowQueue): readonly [from: number, to: number];
}

class DocumentEnds implements FrameEnds {
  readonly #lower: number | undefined;
  readonly #upper: number | undefined;

  /** Undefined: unbounded. */
  constructor(lower: number | undefined, upper: number | undefined) {
    this.#lower = lower;
    this.#upper = upper;
  }

  get neverLeaves(): boolean {
    return this.#lower === undefined;
  }

  isReached(at: number, { end }: WindowQueue): boolean {
    return this.#upper !== undefined && end > at + this.#upper;
  }

  of(at: number, { end }: WindowQueue): readonly [number, number] {
    const within = (position: number) => Math.min(Math.max(0, position), end);
    const from = this.#lower === undefined ? 0 : within(at + this.#lower);
    const to = this.#upper === undefined ? end : within(at + this.#upper + 1);
    return [from, Math.max(from, to)];
  }
}

/** By the values of the sort field, which rise. */
class RangeEnds implements FrameEnds {
  readonly #bounds: RangeBounds;
  #from = 0;
  #to = 0;
  /** The bounds of the document at `#boundsOf`. */
  #boundsOf = -1;
  #lowest: Value | undefined;
  #highest: Value | undefined;

  constructor(bounds: RangeBounds) {
    this.#bounds = bounds;
  }

  get neverLeaves(): boolean {
    return this.#bounds.lower === 'unbounded';
  }

  isReached(at: number, queue: WindowQueue): boolean {
    this.#moveTo(at, queue);
    return this.#bounds.upper !== 'unbounded' && this.#to < queue.end;
  }

  of(at: number, queue: WindowQueue): readonly [number, number] {
    this.#moveTo(at, queue);
    const to = Math.min(this.#to, queue.end);
    return [Math.min(this.#from, to), to];
  }

  #moveTo(at: number, queue: WindowQueue): void {
    if (this.#boundsOf !== at) {
      const { sortValue } = queue.at(at);
      this.#lowest = boundValue(sortValue!, this.#bounds.lower, this.#bounds);
      this.#highest = boundValue(sortValue!, this.#bounds.upper, this.#bounds);
      this.#boundsOf = at;
    }
    const { end } = queue;
    const isBelow = (at: number) => compareMaybe(queue.at(at).sortValue, this.#lowest) < 0;
    const isWithin = (at: number) => compareMaybe(queue.at(at).sortValue, this.#highest) <= 0;
    if (this.#lowest !== undefined) while (this.#from < end && isBelow(this.#from)) this.#from++;
    if (this.#highest === undefined) this.#to = end;
    else while (this.#to < end && isWithin(this.#to)) this.#to++;
  }
}

/** Undefined: unbounded. Throws when the current document has no value a range can begin at. */
function boundValue(
  value: Value,
  bound: Bound<Value>,
  { unit, lower, upper }: RangeBounds,
): Value | undefined {
  if (lower === 'unbounded' && upper === 'unbounded') return undefined;
  if (unit !== undefined && value.type !== BsonType.date) {
    throw new MongoServerError(
      5429513,
      `Invalid range: Expected the sortBy field to be a Date, but it was ${typeName(value)}`,
    );
  }
  if (unit === undefined && value.type === BsonType.date) {
    throw new MongoServerError(
      5429413,
      'Invalid range: For windows that involve date or time ranges, a unit must be provided.',
    );
  }
  if (unit === undefined && !isNumber(value)) {
    throw new MongoServerError(
      5429414,
      `Invalid range: Expected the sortBy field to be a number, but it was ${typeName(value)}`,
    );
  }
  if (bound === 'unbounded') return undefined;
  if (bound === 'current') return value;
  if (unit === undefined) return addValues(value, bound);
  const milliseconds = readInt64(value.buffer, value.start);
  return dateValue(shiftDate(milliseconds, unit, truncateToInteger(bound) ?? 0n));
}
