import { compareMaybe } from '../../compare.ts';
import { boolValue } from '../../value.ts';
import { exactly, type PlainOperator } from '../expression.ts';

/** `$gte`: by MongoDB's total order over all types, missing smallest. */
export const gte: PlainOperator = {
  kind: 'plain',
  name: '$gte',
  arity: exactly(2),
  evaluate: ([a, b]) => boolValue(compareMaybe(a, b) >= 0),
};
