import { anyNumber, type PlainOperator } from '../expression.ts';
import { arraysOf, distinct } from '../sets.ts';
import { arrayValue, nullValue } from '../value.ts';
import { ValueSet } from '../value-set.ts';

/** `$setIntersection`: the distinct elements that are in all. */
export const setIntersection: PlainOperator = {
  kind: 'plain',
  name: '$setIntersection',
  arity: anyNumber,
  evaluate(operands, collation) {
    const arrays = arraysOf('$setIntersection', operands, 17047);
    if (arrays === undefined) return nullValue;
    const [first = [], ...others] = arrays;
    const sets = others.map((array) => new ValueSet(array, collation));
    return arrayValue(
      distinct(first, collation).filter((element) => sets.every((set) => set.has(element))),
    );
  },
};
