import { anyNumber, type PlainOperator } from '../expression.ts';
import { holds, requireArrays } from '../sets.ts';
import { boolValue } from '../value.ts';

/** `$setEquals`: the same elements, however often. */
export const setEquals: PlainOperator = {
  kind: 'plain',
  name: '$setEquals',
  arity: { ...anyNumber, least: 2 },
  evaluate(operands, collation) {
    const [first, ...others] = requireArrays('$setEquals', operands, 17044);
    return boolValue(
      others.every(
        (other) =>
          first!.every((element) => holds(other, element, collation)) &&
          other.every((element) => holds(first!, element, collation)),
      ),
    );
  },
};
