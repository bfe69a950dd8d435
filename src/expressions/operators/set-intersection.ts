import { anyNumber, type PlainOperator } from '../expression.ts';
import { arraysOf, distinct, holds } from '../sets.ts';
import { arrayValue, nullValue } from '../value.ts';

/** `$setIntersection`: the distinct elements that are in all. */
export const setIntersection: PlainOperator = {
  kind: 'plain',
  name: '$setIntersection',
  arity: anyNumber,
  evaluate(operands, collation) {
    const arrays = arraysOf('$setIntersection', operands, 17047);
    if (arrays === undefined) return nullValue;
    return arrayValue(
      distinct(arrays[0] ?? [], collation).filter((element) =>
        arrays.every((array) => holds(array, element, collation)),
      ),
    );
  },
};
