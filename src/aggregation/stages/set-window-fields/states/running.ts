/** States of functions that go from the first document of a partition to the current one. */
import {
  addDecimals,
  BsonType,
  type Decimal,
  decimalFromInteger,
  decimalValue,
  multiplyDecimals,
  subtractDecimals,
  toDecimal,
  toNumber,
} from '../../../../bson/index.ts';
import {
  countValue,
  doubleValue,
  isNullish,
  isNumber,
  type MaybeValue,
  nullValue,
  ownValue,
} from '../../../../expressions/index.ts';
import type { WindowState } from '../window-function.ts';

function neverRemoved(): never {
  throw new Error('a function of all documents before has lost one');
}

/** `$documentNumber`, `$rank` (gaps behind equal ones) and `$denseRank` (no gaps); the first is 1. */
export function startRank(kind: '$documentNumber' | '$rank' | '$denseRank'): WindowState {
  let documents = 0;
  let rank = 0;
  let last: Buffer | undefined;
  return {
    heldBytes: 0,
    add(_value, sortKey) {
      documents++;
      const isEqual = last?.equals(sortKey!) === true;
      if (kind === '$documentNumber') rank = documents;
      else if (!isEqual) rank = kind === '$rank' ? documents : rank + 1;
      last = sortKey;
    },
    remove: neverRemoved,
    result: () => countValue(rank),
  };
}

/** `$locf`: the last value that was there. */
export function startLocf(): WindowState {
  let kept: MaybeValue;
  return {
    get heldBytes() {
      return kept?.end ?? 0;
    },
    add(value) {
      if (!isNullish(value)) kept = ownValue(value!);
    },
    remove: neverRemoved,
    result: () => kept ?? nullValue,
  };
}

/** `$expMovingAvg` with the weight `alpha` of a new number; what is none changes nothing. */
export function startMovingAverage(alpha: Decimal): WindowState {
  const { buffer, type, start } = decimalValue(alpha);
  const weight = toNumber(buffer, type, start);
  const rest = subtractDecimals(decimalFromInteger(1n), alpha);
  let average: number | Decimal | undefined;
  return {
    heldBytes: 0,
    add(value) {
      if (value === undefined || !isNumber(value)) return;
      const number = toNumber(value.buffer, value.type, value.start);
      if (average === undefined) {
        average = value.type === BsonType.decimal ? toDecimal(value) : number;
      } else if (typeof average === 'object' || value.type === BsonType.decimal) {
        const before = typeof average === 'object' ? average : toDecimal(doubleValue(average));
        const added = multiplyDecimals(toDecimal(value), alpha);
        average = addDecimals(added, multiplyDecimals(before, rest));
      } else average = number * weight + average * (1 - weight);
    },
    remove: neverRemoved,
    result() {
      if (average === undefined) return nullValue;
      return typeof average === 'number' ? doubleValue(average) : decimalValue(average);
    },
  };
}
