import { MongoServerError } from '../../errors/index.ts';
import { wholeNumberOf } from '../coerce.ts';
import { between, type PlainOperator } from '../expression.ts';
import { arrayValue, intValue, typeName, type Value } from '../value.ts';

const maxElements = 1_000_000;

/** `$range`: `[from, behind, step]`. */
export const range: PlainOperator = {
  kind: 'plain',
  name: '$range',
  arity: between(2, 3),
  evaluate([first, behind, stride]) {
    const from = wholeNumberOf(first);
    const to = wholeNumberOf(behind);
    const step = stride === undefined ? 1 : wholeNumberOf(stride);
    if (from === undefined) {
      throw new MongoServerError(
        34443,
        `$range requires a numeric starting value, found value of type: ${typeName(first)}`,
      );
    }
    if (to === undefined) {
      throw new MongoServerError(
        34445,
        `$range requires a numeric ending value, found value of type: ${typeName(behind)}`,
      );
    }
    if (step === undefined) {
      throw new MongoServerError(
        34447,
        `$range requires a numeric step value, found value of type: ${typeName(stride)}`,
      );
    }
    if (step === 0) throw new MongoServerError(34449, '$range requires a non-zero step value');
    if ((to - from) / step > maxElements) {
      throw new MongoServerError('ExceededMemoryLimit', '$range would be too large');
    }
    const values: Value[] = [];
    for (let at = from; step > 0 ? at < to : at > to; at += step) values.push(intValue(at));
    return arrayValue(values);
  },
};
