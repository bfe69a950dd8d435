import type { SpecialOperator } from '../expression.ts';
import { parseOperands } from '../operands.ts';
import { boolValue, isTruthy } from '../value.ts';

/** `$and`: true when all operands are; evaluates no further than it must. */
export const and: SpecialOperator = {
  kind: 'special',
  name: '$and',
  parse(argument, context, parse) {
    const operands = parseOperands(argument, context, parse);
    return {
      isConstant: operands.every((operand) => operand.isConstant),
      evaluate: (scope) =>
        boolValue(operands.every((operand) => isTruthy(operand.evaluate(scope)))),
    };
  },
};
