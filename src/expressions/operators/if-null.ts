import { MongoServerError } from '../../errors/index.ts';
import type { SpecialOperator } from '../expression.ts';
import { parseOperands } from '../operands.ts';
import { isNullish } from '../value.ts';

/** `$ifNull`: the first operand that is neither null nor missing, else the last. */
export const ifNull: SpecialOperator = {
  kind: 'special',
  name: '$ifNull',
  parse(argument, context, parse) {
    const operands = parseOperands(argument, context, parse);
    if (operands.length < 2) {
      throw new MongoServerError(
        1257300,
        `$ifNull needs at least two arguments, had: ${operands.length}`,
      );
    }
    const last = operands[operands.length - 1]!;
    return {
      isConstant: operands.every((operand) => operand.isConstant),
      evaluate: (scope) => {
        for (let at = 0; at < operands.length - 1; at++) {
          const value = operands[at]!.evaluate(scope);
          if (!isNullish(value)) return value;
        }
        return last.evaluate(scope);
      },
    };
  },
};
