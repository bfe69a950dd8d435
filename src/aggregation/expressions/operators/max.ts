import { BsonType } from '../../../bson/index.ts';
import { max as accumulator } from '../../accumulators/max.ts';
import { elementsOf } from '../../elements.ts';
import { anyNumber, type PlainOperator } from '../expression.ts';

/** `$max` outside `$group`: over its operands, or over the array that is its one operand. */
export const max: PlainOperator = {
  kind: 'plain',
  name: '$max',
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
