import { exactly, type PlainOperator } from '../expression.ts';
import { holds, requireBoth } from '../sets.ts';
import { boolValue } from '../value.ts';

/** `$setIsSubset`: every element of the first is in the second. */
export const setIsSubset: PlainOperator = {
  kind: 'plain',
  name: '$setIsSubset',
  arity: exactly(2),
  evaluate([first, second], collation) {
    const some = requireBoth('$setIsSubset', 'First', first, 17046);
    const all = requireBoth('$setIsSubset', 'Second', second, 17042);
    return boolValue(some.every((element) => holds(all, element, collation)));
  },
};
