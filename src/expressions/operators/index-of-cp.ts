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
    // Stock asks only whether a match begins before the end, and nothing begins in no letters at all.
    const end = Math.min(letters.length, search.to);
    if (letters.length === 0 && wanted.length === 0 && search.from === 0) return intValue(0);
    for (let at = search.from; at < end; at++) {
      if (wanted.every((letter, offset) => letters[at + offset] === letter)) return intValue(at);
    }
    return intValue(-1);
  },
};
