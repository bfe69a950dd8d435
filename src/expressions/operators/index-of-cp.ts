import { between, type PlainOperator } from '../expression.ts';
import { searchOperands } from '../index-of.ts';
import { intValue, nullValue } from '../value.ts';

/** `$indexOfCP`: the code point at which a string first stands in another, or -1. */
export const indexOfCP: PlainOperator = {
  kind: 'plain',
  name: '$indexOfCP',
  arity: between(2, 4),
  evaluate(operands) {
    const search = searchOperands('$indexOfCP', operands, 40093, 40094);
    if (search === undefined) return nullValue;
    const letters = [...search.text.toString()];
    const wanted = [...search.wanted.toString()];
    const last = Math.min(letters.length, search.to) - wanted.length;
    if (search.from > letters.length) return intValue(-1);
    for (let at = search.from; at <= last; at++) {
      if (wanted.every((letter, offset) => letters[at + offset] === letter)) return intValue(at);
    }
    return intValue(-1);
  },
};
