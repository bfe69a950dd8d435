import { exactly, type PlainOperator } from '../expression.ts';
import { holds, requireArrays } from '../sets.ts';
import { boolValue } from '../value.ts';

/** `$setIsSubset`: every element of the first is in the second. */
export const setIsSubset: PlainOperator = {
  kind: 'plain',
  name: '$setIsSubset',
  arity: exactly(2),
  evaluate(operands, collation) {
    const [some, all] = requireArrays('$setIsSubset', operands, 17046);
    return boolValue(some!.every((element) => holds(all!, element, collation)));
  },
};
