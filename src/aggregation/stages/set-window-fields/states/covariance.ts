import {
  addDecimals,
  BsonType,
  type Decimal,
  decimalFromInteger,
  decimalValue,
  divideDecimals,
  multiplyDecimals,
  readDecimal,
  subtractDecimals,
  toDecimal,
  toNumber,
} from '../../../../bson/index.ts';
import {
  doubleValue,
  elementsOf,
  isNumber,
  type MaybeValue,
  nullValue,
  type Value,
} from '../../../../expressions/index.ts';
import type { WindowState } from '../window-function.ts';

/** The two numbers of a value; undefined for what is no array of two numbers. */
function pairOf(value: MaybeValue): readonly [Value, Value] | undefined {
  const elements = value?.type === BsonType.array ? elementsOf(value) : [];
  const [x, y] = elements;
  if (elements.length !== 2 || !isNumber(x!) || !isNumber(y!)) return undefined;
  return [x!, y!];
}

function hasFinite(value: Value): boolean {
  if (value.type === BsonType.decimal) {
    return readDecimal(value.buffer, value.start).kind === 'finite';
  }
  return Number.isFinite(toNumber(value.buffer, value.type, value.start));
}

/** Sums of products of differences from the means, updated for one pair more or less. */
interface Moments {
  change(x: Value, y: Value, by: 1 | -1): void;
  covariance(divisor: number): Value;
}

/**
 * The covariance of pairs that may leave again; `lost` is 0 for a population and 1 for a sample. In
 * decimals from the first decimal on, as long as the window is not empty.
 */
export function startCovariance(lost: 0 | 1): WindowState {
  let count = 0;
  let nonFinite = 0;
  let decimals = 0;
  let doubles = doubleMoments();
  let exact = decimalMoments();
  const change = (value: MaybeValue, by: 1 | -1): void => {
    const pair = pairOf(value);
    if (pair === undefined) return;
    const [x, y] = pair;
    if (!hasFinite(x) || !hasFinite(y)) {
      nonFinite += by;
      return;
    }
    if (x.type === BsonType.decimal || y.type === BsonType.decimal) decimals += by;
    count += by;
    if (count === 0) {
      doubles = doubleMoments();
      exact = decimalMoments();
      return;
    }
    doubles.change(x, y, by);
    exact.change(x, y, by);
  };
  return {
    heldBytes: 0,
    add: (value) => change(value, 1),
    remove: (value) => change(value, -1),
    result() {
      const divisor = count + nonFinite - lost;
      if (divisor <= 0) return nullValue;
      if (nonFinite > 0) return doubleValue(Number.NaN);
      return (decimals > 0 ? exact : doubles).covariance(divisor);
    },
  };
}

function doubleMoments(): Moments {
  let count = 0;
  let meanX = 0;
  let meanY = 0;
  let products = 0;
  const numberOf = ({ buffer, type, start }: Value) => toNumber(buffer, type, start);
  return {
    change(xValue, yValue, by) {
      const x = numberOf(xValue);
      const y = numberOf(yValue);
      const before = count;
      count += by;
      const dx = x - meanX;
      const dy = y - meanY;
      products += by * dx * dy * (before / count);
      meanX += (by * dx) / count;
      meanY += (by * dy) / count;
    },
    covariance: (divisor) => doubleValue(products / divisor),
  };
}

function decimalMoments(): Moments {
  let count = 0;
  const zero = decimalFromInteger(0n);
  let sumX: Decimal = zero;
  let sumY: Decimal = zero;
  let sumXY: Decimal = zero;
  const apply = (sum: Decimal, value: Decimal, by: 1 | -1) =>
    by === 1 ? addDecimals(sum, value) : subtractDecimals(sum, value);
  return {
    change(xValue, yValue, by) {
      const x = toDecimal(xValue);
      const y = toDecimal(yValue);
      count += by;
      sumX = apply(sumX, x, by);
      sumY = apply(sumY, y, by);
      sumXY = apply(sumXY, multiplyDecimals(x, y), by);
    },
    covariance(divisor) {
      const mean = divideDecimals(multiplyDecimals(sumX, sumY), decimalFromInteger(BigInt(count)));
      const products = subtractDecimals(sumXY, mean);
      return decimalValue(divideDecimals(products, decimalFromInteger(BigInt(divisor))));
    },
  };
}
