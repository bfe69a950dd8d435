import { MongoServerError } from '../../errors/index.ts';
import { Scope, type SpecialOperator } from '../expression.ts';
import { fold } from '../fold.ts';
import { parseOperands } from '../operands.ts';
import { requireArray } from '../sets.ts';
import { boolValue } from '../value.ts';
import { ValueSet } from '../value-set.ts';

const noScope = new Scope(Buffer.from([5, 0, 0, 0, 0]), 0);

/** `$setEquals`: the same elements, however often. */
export const setEquals: SpecialOperator = {
  kind: 'special',
  name: '$setEquals',
  parse(argument, context, parse) {
    const operands = parseOperands(argument, context, parse);
    if (operands.length < 2) {
      throw new MongoServerError(
        17045,
        `$setEquals needs at least two arguments had: ${operands.length}`,
      );
    }
    for (const operand of operands) {
      if (operand.isConstant) requireArray('$setEquals', operand.evaluate(noScope), 5887502);
    }
    const { collation } = context.variables;
    return fold(context, operands, (scope) => {
      const [first, ...others] = operands.map((operand) => {
        const elements = requireArray('$setEquals', operand.evaluate(scope), 17044);
        return new ValueSet(elements, collation);
      });
      const isEqual = ({ values }: ValueSet): boolean =>
        values.length === first!.values.length && values.every((value) => first!.has(value));
      return boolValue(others.every(isEqual));
    });
  },
};
