import { exactly, type PlainOperator } from '../expression.ts';
import { requireBoth } from '../sets.ts';
import { arrayValue, isNullish, nullValue, type Value } from '../value.ts';
import { ValueMap } from '../value-map.ts';

/** `$setDifference`: the distinct elements of the first that are not in the second, in their order there. */
export const setDifference: PlainOperator = {
  kind: 'plain',
  name: '$setDifference',
  arity: exactly(2),
  evaluate([first, second], collation) {
    if (isNullish(first) || isNullish(second)) return nullValue;
    const all = requireBoth('$setDifference', 'First', first, 17048);
    const without = requireBoth('$setDifference', 'Second', second, 17049);
    const seen = new ValueMap<true>(collation);
    for (const element of without) seen.set(element, true);
    const left: Value[] = [];
    for (const element of all) {
      if (seen.get(element) !== undefined) continue;
      seen.set(element, true);
      left.push(element);
    }
    return arrayValue(left);
  },
};
