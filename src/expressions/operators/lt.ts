import { compareMaybe } from '../compare.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { boolValue } from '../value.ts';

/** `$lt`: by MongoDB's total order over all types, missing smallest. */
export const lt: PlainOperator = {
  kind: 'plain',
  name: '$lt',
  arity: exactly(2),
  evaluate: ([a, b], collation) => boolValue(compareMaybe(a, b, collation) < 0),
};
