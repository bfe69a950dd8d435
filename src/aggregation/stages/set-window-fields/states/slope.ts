/** `$derivative` and `$integral`: of points, arrays of a value of the sort field and one of the input. */
import { BsonType, toNumber } from '../../../../bson/index.ts';
import { MongoServerError } from '../../../../errors/index.ts';
import {
  addValues,
  divideValues,
  doubleValue,
  elementsOf,
  intValue,
  isNullish,
  isNumber,
  type MaybeValue,
  multiplyValues,
  nullValue,
  ownValue,
  subtractValues,
  typeName,
  type Value,
} from '../../../../expressions/index.ts';
import type { WindowState } from '../window-function.ts';

interface Point {
  /** A number; of a date milliseconds. */
  readonly at: Value;
  readonly value: Value;
}

/** Milliseconds of the unit the points' dates are divided by; undefined: the points have numbers. */
export type UnitLength = number | undefined;

function pointOf(name: string, value: MaybeValue, unit: UnitLength): Point {
  const [at, input] = elementsOf(ownValue(value!)) as [Value, Value];
  if (unit !== undefined && at.type !== BsonType.date) {
    throw new MongoServerError(
      name === '$derivative' ? 5624900 : 5423901,
      `${name} with 'unit' expects the sortBy field to be a Date`,
    );
  }
  if (unit === undefined && !isNumber(at)) {
    throw new MongoServerError(
      name === '$derivative' ? 5624901 : 5423902,
      `${name} (with no 'unit') expects the sortBy field to be numeric`,
    );
  }
  if (!isNumber(input) && !isNullish(input)) {
    throw new MongoServerError(
      'TypeMismatch',
      `${name} expects its input to be a number, but found ${typeName(input)}`,
    );
  }
  return { at, value: input };
}

/** The change of a field from the first point of the window to the last, in units. */
function distance(from: Value, to: Value, unit: UnitLength): Value {
  const between = subtractValues(to, from);
  return unit === undefined ? between : divideValues(between, doubleValue(unit));
}

const numberOf = ({ buffer, type, start }: Value): number => toNumber(buffer, type, start);

/** The slope between the first and the last point of the window; null without two different ones. */
export function startDerivative(unit: UnitLength): WindowState {
  const points: Point[] = [];
  let from = 0;
  return {
    get heldBytes() {
      return (points.length - from) * 128;
    },
    add(value) {
      points.push(pointOf('$derivative', value, unit));
    },
    remove() {
      from++;
      if (from < 1024 || from * 2 < points.length) return;
      points.splice(0, from);
      from = 0;
    },
    result() {
      const first = points[from];
      const last = points.at(-1);
      if (first === undefined || last === undefined || points.length - from < 2) return nullValue;
      if (isNullish(first.value) || isNullish(last.value)) return nullValue;
      const across = distance(first.at, last.at, unit);
      if (numberOf(across) === 0) return nullValue;
      return divideValues(subtractValues(last.value, first.value), across);
    },
  };
}

const two = doubleValue(2);

/** The area under the points of the window, by trapezoids; 0 under one point, null under none. */
export function startIntegral(unit: UnitLength): WindowState {
  let points: Point[] = [];
  let from = 0;
  const none = unit === undefined ? intValue(0) : doubleValue(0);
  let area: Value = none;
  const between = (left: Point, right: Point): Value => {
    if (isNullish(left.value) || isNullish(right.value)) return none;
    const height = divideValues(addValues(left.value, right.value), two);
    return multiplyValues(height, distance(left.at, right.at, unit));
  };
  return {
    get heldBytes() {
      return (points.length - from) * 128;
    },
    add(value) {
      const point = pointOf('$integral', value, unit);
      const before = points.length > from ? points.at(-1) : undefined;
      points.push(point);
      if (before !== undefined) area = addValues(area, between(before, point));
    },
    remove() {
      const first = points[from++]!;
      const next = points[from];
      if (next === undefined) area = none;
      else area = subtractValues(area, between(first, next));
      if (from < 1024 || from * 2 < points.length) return;
      points = points.slice(from);
      from = 0;
    },
    result: () => (points.length === from ? nullValue : ownValue(area)),
  };
}
