import { BsonType } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { wholeNumberOf } from '../coerce.ts';
import { checkTimezone } from '../date-part.ts';
import {
  type DateUnit,
  millisecondsOf,
  unitIndex,
  unitOf,
  unitStart,
  weekdayOf,
} from '../date-unit.ts';
import type { SpecialOperator } from '../expression.ts';
import { namedArguments } from '../operands.ts';
import { dateValue, isNullish, type MaybeValue, nullValue, typeName } from '../value.ts';

const names = ['date', 'unit', 'binSize', 'timezone', 'startOfWeek'] as const;
/** Bins are counted from here; bins of weeks from the first week that begins here or later. */
const reference = Date.UTC(2000, 0, 1);

/** `$dateTrunc`: where the bin of so many units begins that a date lies in. */
export const dateTrunc: SpecialOperator = {
  kind: 'special',
  name: '$dateTrunc',
  parse(argument, context, parse) {
    if (argument.type !== BsonType.object) {
      throw new MongoServerError(5439007, '$dateTrunc only supports an object as its argument');
    }
    const given = namedArguments(argument, names, 5439008, '$dateTrunc');
    if (given.date === undefined) {
      throw new MongoServerError(5439009, "Missing 'date' parameter to $dateTrunc");
    }
    if (given.unit === undefined) {
      throw new MongoServerError(5439010, "Missing 'unit' parameter to $dateTrunc");
    }
    const date = parse(given.date, context);
    const unit = parse(given.unit, context);
    const binSize = given.binSize && parse(given.binSize, context);
    const timezone = given.timezone && parse(given.timezone, context);
    const startOfWeek = given.startOfWeek && parse(given.startOfWeek, context);
    return {
      isConstant: false,
      evaluate(scope) {
        const value = date.evaluate(scope);
        if (isNullish(value)) return nullValue;
        const which = unitOf('$dateTrunc', unit.evaluate(scope));
        if (which === undefined) return nullValue;
        const size = binSize === undefined ? 1 : sizeOf(binSize.evaluate(scope));
        if (size === undefined) return nullValue;
        const isWeek = which === 'week' && startOfWeek !== undefined;
        const first = isWeek ? weekdayOf('$dateTrunc', startOfWeek.evaluate(scope)) : 0;
        if (first === undefined) return nullValue;
        if (timezone !== undefined && checkTimezone(timezone.evaluate(scope)) === 'null') {
          return nullValue;
        }
        const time = millisecondsOf('$dateTrunc', 'date', value, 5166307);
        return dateValue(BigInt(binStart(time, which, size, first)));
      },
    };
  },
};

function binStart(time: number, unit: DateUnit, size: number, startOfWeek: number): number {
  const start = unitIndex(reference, unit, startOfWeek);
  const isLater = unitStart(start, unit, startOfWeek) < reference;
  const from = isLater ? start + 1 : start;
  const index = unitIndex(time, unit, startOfWeek);
  return unitStart(from + Math.floor((index - from) / size) * size, unit, startOfWeek);
}

function sizeOf(value: MaybeValue): number | undefined {
  if (isNullish(value)) return undefined;
  const size = wholeNumberOf(value);
  if (size === undefined) {
    throw new MongoServerError(
      5439017,
      `$dateTrunc requires 'binSize' to be a 64-bit integer, but got value of type ${typeName(value)}`,
    );
  }
  if (size > 0) return size;
  throw new MongoServerError(
    5439018,
    `$dateTrunc requires 'binSize' to be greater than 0, but got value ${size}`,
  );
}
