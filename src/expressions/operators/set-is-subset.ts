import { exactly, type PlainOperator } from '../expression.ts';
import { requireBoth } from '../sets.ts';
import { boolValue } from '../value.ts';
import { ValueSet } from '../value-set.ts';

/** `$setIsSubset`: every element of the first is in the second. */
export const setIsSubset: PlainOperator = {
  kind: 'plain',
  name: '$setIsSubset',
  arity: exactly(2),
  evaluate([first, second], collation) {
    const some = requireBoth('$setIsSubset', 'First', first, 17046);
    const all = new ValueSet(requireBoth('$setIsSubset', 'Second', second, 17042), collation);
    return boolValue(some.every((element) => all.has(element)));
  },
};
