import { between, type PlainOperator } from '../expression.ts';
import { searchOperands } from '../index-of.ts';
import { intValue, nullValue } from '../value.ts';

/** `$indexOfBytes`: the byte at which a string first stands in another, or -1. */
export const indexOfBytes: PlainOperator = {
  kind: 'plain',
  name: '$indexOfBytes',
  arity: between(2, 4),
  evaluate(operands) {
    const search = searchOperands('$indexOfBytes', operands, 40091, 40092);
    if (search === undefined) return nullValue;
    const { text, wanted, from } = search;
    const to = Math.min(text.length, search.to);
    if (from > text.length || to < from) return intValue(-1);
    const found = text.subarray(0, to).indexOf(wanted, from);
    return intValue(found);
  },
};
