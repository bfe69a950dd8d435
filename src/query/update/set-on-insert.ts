import { changeTo, type UpdateOperator, unchanged } from './modifier.ts';

/** `$setOnInsert`: `$set` when an upsert makes the document, nothing otherwise. */
export const setOnInsert: UpdateOperator = {
  name: '$setOnInsert',
  parse: (_path, value) => ({
    creates: true,
    apply: (current, context) => (context.isInsert ? changeTo(current, value) : unchanged),
  }),
};
