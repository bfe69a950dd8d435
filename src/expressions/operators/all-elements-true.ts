import { exactly, type PlainOperator } from '../expression.ts';
import { requireArrays } from '../sets.ts';
import { boolValue, isTruthy } from '../value.ts';

/** `$allElementsTrue` of an array. */
export const allElementsTrue: PlainOperator = {
  kind: 'plain',
  name: '$allElementsTrue',
  arity: exactly(1),
  evaluate: (operands) =>
    boolValue(requireArrays('$allElementsTrue', operands, 17040)[0]!.every(isTruthy)),
};
