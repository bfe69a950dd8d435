import { exactly, type PlainOperator } from '../expression.ts';
import { arraysOf, distinct, holds } from '../sets.ts';
import { arrayValue, nullValue } from '../value.ts';

/** `$setDifference`: the distinct elements of the first that are not in the second. */
export const setDifference: PlainOperator = {
  kind: 'plain',
  name: '$setDifference',
  arity: exactly(2),
  evaluate(operands, collation) {
    const arrays = arraysOf('$setDifference', operands, 17048);
    if (arrays === undefined) return nullValue;
    const [all, without] = arrays;
    return arrayValue(
      distinct(all!, collation).filter((element) => !holds(without!, element, collation)),
    );
  },
};
