import { compareMaybe } from '../compare.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { boolValue } from '../value.ts';

/** `$eq`: by MongoDB's total order over all types, missing smallest. */
export const eq: PlainOperator = {
  kind: 'plain',
  name: '$eq',
  arity: exactly(2),
  evaluate: ([a, b], collation) => boolValue(compareMaybe(a, b, collation) === 0),
};
