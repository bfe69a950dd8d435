import { hashedKey } from '../../bson/index.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { longValue, nullValue } from '../value.ts';

/** `$toHashedIndexKey`: what a hashed index has for a value; a missing one is null. */
export const toHashedIndexKey: PlainOperator = {
  kind: 'plain',
  name: '$toHashedIndexKey',
  arity: exactly(1),
  evaluate: ([value]) => longValue(hashedKey(value ?? nullValue)),
};
