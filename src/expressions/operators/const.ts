import { constant, type SpecialOperator } from '../expression.ts';

/** `$const`: what stock calls `$literal` when it prints a pipeline. */
export const constOperator: SpecialOperator = {
  kind: 'special',
  name: '$const',
  parse: (argument) => constant(argument),
};
