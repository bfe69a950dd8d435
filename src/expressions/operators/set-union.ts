import { anyNumber, type PlainOperator } from '../expression.ts';
import { arraysOf, distinct } from '../sets.ts';
import { arrayValue, nullValue } from '../value.ts';

/** `$setUnion`: the distinct elements of all, in their order of value. */
export const setUnion: PlainOperator = {
  kind: 'plain',
  name: '$setUnion',
  arity: anyNumber,
  evaluate(operands, collation) {
    const arrays = arraysOf('$setUnion', operands, 17043);
    if (arrays === undefined) return nullValue;
    return arrayValue(distinct(arrays.flat(), collation));
  },
};
