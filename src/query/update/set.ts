/** `$set` and `$setOnInsert`. */
import { changeTo, type UpdateOperator, unchanged } from './modifier.ts';

export const set: UpdateOperator = {
  name: '$set',
  parse: (_path, value) => ({ creates: true, apply: (current) => changeTo(current, value) }),
};

export const setOnInsert: UpdateOperator = {
  name: '$setOnInsert',
  parse: (_path, value) => ({
    creates: true,
    apply: (current, context) => (context.isInsert ? changeTo(current, value) : unchanged),
  }),
};
