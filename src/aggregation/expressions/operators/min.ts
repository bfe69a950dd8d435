import { BsonType } from '../../../bson/index.ts';
import { min as accumulator } from '../../accumulators/min.ts';
import { elementsOf } from '../../elements.ts';
import { anyNumber, type PlainOperator } from '../expression.ts';

/** `$min` outside `$group`: over its operands, or over the array that is its one operand. */
export const min: PlainOperator = {
  kind: 'plain',
  name: '$min',
  arity: anyNumber,
  evaluate(operands) {
    const [only] = operands;
    const values =
      operands.length === 1 && only?.type === BsonType.array ? elementsOf(only) : operands;
    const state = accumulator.start();
    for (const value of values) state.add(value);
    return state.result();
  },
};
