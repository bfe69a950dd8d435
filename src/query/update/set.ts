import { changeTo, type UpdateOperator } from './modifier.ts';

/** `$set`: the argument becomes the field's value. */
export const set: UpdateOperator = {
  name: '$set',
  parse: (_path, value) => ({ creates: true, apply: (current) => changeTo(current, value) }),
};
