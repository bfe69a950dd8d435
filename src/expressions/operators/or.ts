import type { SpecialOperator } from '../expression.ts';
import { parseOperands } from '../operands.ts';
import { boolValue, isTruthy } from '../value.ts';

/** `$or`: true when one operand is; evaluates no further than it must. */
export const or: SpecialOperator = {
  kind: 'special',
  name: '$or',
  parse(argument, context, parse) {
    const operands = parseOperands(argument, context, parse);
    return {
      isConstant: operands.every((operand) => operand.isConstant),
      evaluate: (scope) => boolValue(operands.some((operand) => isTruthy(operand.evaluate(scope)))),
    };
  },
};
