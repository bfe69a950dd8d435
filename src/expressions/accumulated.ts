import { BsonType } from '../bson/index.ts';
import type { Accumulator } from './accumulators/accumulator.ts';
import { elementsOf } from './elements.ts';
import { anyNumber, type PlainOperator } from './expression.ts';

/** An accumulator outside `$group`: over its operands, or over the array that is its one operand. */
export function accumulatedOperator(accumulator: Accumulator): PlainOperator {
  return {
    kind: 'plain',
    name: accumulator.name,
    arity: anyNumber,
    evaluate(operands, collation) {
      const [only] = operands;
      const values =
        operands.length === 1 && only?.type === BsonType.array ? elementsOf(only) : operands;
      const state = accumulator.start(collation);
      for (const value of values) state.add(value);
      return state.result();
    },
  };
}
