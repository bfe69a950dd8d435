import { valueText } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { wholeNumberOf } from '../coerce.ts';
import { between, type PlainOperator } from '../expression.ts';
import { arrayValue, intValue, isNumber, type MaybeValue, typeName, type Value } from '../value.ts';

const maxElements = 1_000_000;

/** `$range`: `[from, behind, step]`. */
export const range: PlainOperator = {
  kind: 'plain',
  name: '$range',
  arity: between(2, 3),
  evaluate([first, behind, stride]) {
    const from = bound(first, 34443, 'starting value', 34444, 'a starting value');
    const to = bound(behind, 34445, 'ending value', 34446, 'an ending value');
    const step =
      stride === undefined ? 1 : bound(stride, 34447, 'step value', 34448, 'a step value');
    if (step === 0) throw new MongoServerError(34449, '$range requires a non-zero step value');
    if ((to - from) / step > maxElements) {
      throw new MongoServerError('ExceededMemoryLimit', '$range would be too large');
    }
    const values: Value[] = [];
    for (let at = from; step > 0 ? at < to : at > to; at += step) values.push(intValue(at));
    return arrayValue(values);
  },
};

function bound(
  value: MaybeValue,
  typeCode: number,
  name: string,
  valueCode: number,
  named: string,
): number {
  if (value === undefined || !isNumber(value)) {
    throw new MongoServerError(
      typeCode,
      `$range requires a numeric ${name}, found value of type: ${typeName(value)}`,
    );
  }
  const number = wholeNumberOf(value);
  if (number !== undefined) return number;
  throw new MongoServerError(
    valueCode,
    `$range requires ${named} that can be represented as a 32-bit integer, found value: ${valueText(value)}`,
  );
}
