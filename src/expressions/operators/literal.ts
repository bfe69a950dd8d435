import { constant, type SpecialOperator } from '../expression.ts';

/** `$literal`: its argument as it is, not read as an expression. */
export const literal: SpecialOperator = {
  kind: 'special',
  name: '$literal',
  parse: (argument) => constant(argument),
};
