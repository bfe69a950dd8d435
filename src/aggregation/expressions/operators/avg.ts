import { BsonType } from '../../../bson/index.ts';
import { avg as accumulator } from '../../accumulators/avg.ts';
import { elementsOf } from '../../elements.ts';
import { anyNumber, type PlainOperator } from '../expression.ts';

/** `$avg` outside `$group`: over its operands, or over the array that is its one operand. */
export const avg: PlainOperator = {
  kind: 'plain',
  name: '$avg',
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
