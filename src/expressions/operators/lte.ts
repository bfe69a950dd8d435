import { compareMaybe } from '../compare.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { boolValue } from '../value.ts';

/** `$lte`: by MongoDB's total order over all types, missing smallest. */
export const lte: PlainOperator = {
  kind: 'plain',
  name: '$lte',
  arity: exactly(2),
  evaluate: ([a, b], collation) => boolValue(compareMaybe(a, b, collation) <= 0),
};
