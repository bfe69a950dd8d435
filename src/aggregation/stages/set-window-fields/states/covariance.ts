import { BsonType, readDecimal, toNumber } from '../../../../bson/index.ts';
import {
  divideValues,
  doubleValue,
  elementsOf,
  isNumber,
  type MaybeValue,
  multiplyValues,
  nullValue,
  subtractValues,
  type Value,
} from '../../../../expressions/index.ts';
import type { WindowState } from '../window-function.ts';
import { averageOf, RemovableSum } from './removable-sum.ts';

/** The two numbers of a value; undefined for what is no array of two numbers. */
function pairOf(value: MaybeValue): readonly [Value, Value] | undefined {
  const elements = value?.type === BsonType.array ? elementsOf(value) : [];
  const [x, y] = elements;
  if (elements.length !== 2 || !isNumber(x!) || !isNumber(y!)) return undefined;
  return [x!, y!];
}

/** What a pair that is not finite comes to: NaN, or the infinity that is in it. */
function specialOf(pair: readonly [Value, Value]): Value | undefined {
  const numbers = pair.map(({ buffer, type, start }) => toNumber(buffer, type, start));
  const special = numbers.filter((number, at) => !Number.isFinite(number) && isSpecial(pair[at]!));
  if (special.length === 0) return undefined;
  return doubleValue(special.every((one) => one === special[0]) ? special[0]! : Number.NaN);
}

/** A finite decimal may be beyond the doubles. */
function isSpecial({ buffer, type, start }: Value): boolean {
  if (type !== BsonType.decimal) return true;
  return readDecimal(buffer, start).kind !== 'finite';
}

/**
 * The covariance of pairs that may leave again: products of differences from the means, updated for one
 * pair more or less (Welford's method). `lost` is 0 for a population and 1 for a sample. What is not
 * finite is no pair, but its infinity or NaN is in the sum.
 */
export function startCovariance(lost: 0 | 1): WindowState {
  let count = 0;
  const x = new RemovableSum();
  const y = new RemovableSum();
  const products = new RemovableSum();
  const productOf = (one: Value, meanX: Value, other: Value, meanY: Value): Value =>
    multiplyValues(subtractValues(one, meanX), subtractValues(other, meanY));
  return {
    heldBytes: 0,
    add(value) {
      const pair = pairOf(value);
      const special = pair && specialOf(pair);
      if (special !== undefined) products.add(special);
      if (pair === undefined || special !== undefined) return;
      count++;
      const meanX = averageOf(x);
      x.add(pair[0]);
      y.add(pair[1]);
      products.add(productOf(pair[0], meanX, pair[1], averageOf(y)));
    },
    remove(value) {
      const pair = pairOf(value);
      const special = pair && specialOf(pair);
      if (special !== undefined) products.remove(special);
      if (pair === undefined || special !== undefined) return;
      count--;
      const meanY = averageOf(y);
      x.remove(pair[0]);
      y.remove(pair[1]);
      products.remove(productOf(pair[0], averageOf(x), pair[1], meanY));
    },
    result() {
      if (count === 1 && lost === 0) return doubleValue(0);
      const divisor = count - lost;
      if (divisor <= 0) return nullValue;
      const sum = products.value;
      if (sum.type === BsonType.decimal) return divideValues(sum, doubleValue(divisor));
      return doubleValue(toNumber(sum.buffer, sum.type, sum.start) / divisor);
    },
  };
}
