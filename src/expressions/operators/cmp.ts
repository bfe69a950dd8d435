import { compareMaybe } from '../compare.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { intValue } from '../value.ts';

/** `$cmp`: -1, 0 or 1. */
export const cmp: PlainOperator = {
  kind: 'plain',
  name: '$cmp',
  arity: exactly(2),
  evaluate: ([a, b], collation) => intValue(Math.sign(compareMaybe(a, b, collation))),
};
