import { toNumber } from '../../../../bson/index.ts';
import {
  doubleValue,
  intValue,
  isNumber,
  type MaybeValue,
  nullValue,
} from '../../../../expressions/index.ts';
import type { WindowState } from '../window-function.ts';
import { CompensatedSum } from './removable-sum.ts';

/**
 * The standard deviation of numbers that may leave again, by the updating formula of Chan, Golub and LeVeque
 * for one value more or less. `lost` is 0 for a population and 1 for a sample.
 */
export function startDeviation(lost: 0 | 1): WindowState {
  let count = 0;
  let nonFinite = 0;
  const sum = new CompensatedSum();
  const squares = new CompensatedSum();
  const change = (value: MaybeValue, by: 1 | -1): void => {
    if (value === undefined || !isNumber(value)) return;
    const number = toNumber(value.buffer, value.type, value.start);
    if (!Number.isFinite(number)) {
      nonFinite += by;
      return;
    }
    if (count + by === 0) {
      count = 0;
      sum.reset();
      squares.reset();
      return;
    }
    const before = count;
    const distance = before * number - sum.value;
    count += by;
    sum.add(by * number);
    if (before > 0) squares.add((by * distance * distance) / (count * before));
  };
  return {
    heldBytes: 0,
    add: (value) => change(value, 1),
    remove: (value) => change(value, -1),
    result() {
      const divisor = count - lost;
      if (divisor <= 0 || nonFinite > 0) return nullValue;
      // One value is no distance from itself, whatever rounding has left.
      if (count === 1 || squares.value < 0) return intValue(0);
      return doubleValue(Math.sqrt(squares.value / divisor));
    },
  };
}
