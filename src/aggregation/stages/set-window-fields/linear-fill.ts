import { BsonType, toNumber } from '../../../bson/index.ts';
import { MongoServerError } from '../../../errors/index.ts';
import {
  addValues,
  compareMaybe,
  divideValues,
  type Expression,
  isNullish,
  isNumber,
  longValue,
  type MaybeValue,
  multiplyValues,
  nullValue,
  ownValue,
  type Scope,
  subtractValues,
  type Value,
} from '../../../expressions/index.ts';
import type { WindowRun } from './window-function.ts';

interface Point {
  /** Of the sort field. */
  readonly at: Value;
  /** Undefined: to be filled. */
  readonly value: Value | undefined;
}

const pointBytes = 160;

/**
 * `$linearFill`: what is null or missing lies on the line between the values before and behind it, by the
 * field the documents are sorted by. What has no value on one side stays null.
 */
export class LinearFill implements WindowRun {
  readonly #sortValue: Expression;
  readonly #input: Expression;
  /** From the last value before the current document on. */
  #points: Point[] = [];
  #base = 0;
  /** Position of the first value that is not before the current document, as far as it is known. */
  #next = 0;
  #before: Point | undefined;

  constructor(sortValue: Expression, input: Expression) {
    this.#sortValue = sortValue;
    this.#input = input;
  }

  get heldBytes(): number {
    return this.#points.length * pointBytes;
  }

  add(scope: Scope): void {
    const at = this.#sortValue.evaluate(scope);
    const value = this.#input.evaluate(scope);
    if (at === undefined || !(isNumber(at) || at.type === BsonType.date)) {
      throw new MongoServerError(
        'TypeMismatch',
        'The sort key must be numeric or a Date for $linearFill',
      );
    }
    if (value !== undefined && !isNullish(value) && !isNumber(value)) {
      throw new MongoServerError('TypeMismatch', 'Value to be filled must be numeric or nullish');
    }
    const last = this.#points.at(-1);
    if (last !== undefined && compareMaybe(last.at, at) === 0) {
      throw new MongoServerError(6050106, 'There can be no repeated values in the sort field');
    }
    const isMissing = isNullish(value);
    this.#points.push({ at: ownValue(at), value: isMissing ? undefined : ownValue(value!) });
  }

  isReady(at: number, isWhole: boolean): boolean {
    const end = this.#base + this.#points.length;
    if (at >= end) return false;
    this.#next = Math.max(this.#next, at);
    while (this.#next < end && this.#points[this.#next - this.#base]!.value === undefined) {
      this.#next++;
    }
    return isWhole || this.#next < end;
  }

  result(at: number): MaybeValue {
    const point = this.#points[at - this.#base]!;
    const behind = this.#points[this.#next - this.#base];
    const before = this.#before;
    if (point.value !== undefined) this.#before = point;
    this.#drop(at);
    if (point.value !== undefined) return point.value;
    if (before === undefined || behind === undefined) return nullValue;
    return onLine(before, behind, point.at);
  }

  /** The last point stays: the next one is compared with it. */
  #drop(at: number): void {
    const left = at - this.#base;
    if (left < 1024 || left * 2 < this.#points.length) return;
    this.#points = this.#points.slice(left);
    this.#base = at;
  }
}

function onLine(before: Point, behind: Point, at: Value): Value {
  const from = positionOf(before.at);
  const rise = subtractValues(behind.value!, before.value!);
  const run = subtractValues(positionOf(behind.at), from);
  const part = subtractValues(positionOf(at), from);
  return addValues(before.value!, divideValues(multiplyValues(rise, part), run));
}

/** Of a date its milliseconds. */
function positionOf(value: Value): Value {
  if (value.type !== BsonType.date) return value;
  return longValue(BigInt(toMilliseconds(value)));
}

function toMilliseconds({ buffer, start }: Value): number {
  return toNumber(buffer, BsonType.long, start);
}
