import { exactly, type PlainOperator } from '../expression.ts';
import { requireArrays } from '../sets.ts';
import { boolValue, isTruthy } from '../value.ts';

/** `$anyElementTrue` of an array. */
export const anyElementTrue: PlainOperator = {
  kind: 'plain',
  name: '$anyElementTrue',
  arity: exactly(1),
  evaluate: (operands) =>
    boolValue(requireArrays('$anyElementTrue', operands, 17041)[0]!.some(isTruthy)),
};
