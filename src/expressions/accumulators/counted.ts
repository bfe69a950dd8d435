import type { Collation } from '../../bson/index.ts';
import { BsonType } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { elementsOf } from '../elements.ts';
import type { SpecialOperator } from '../expression.ts';
import { fold } from '../fold.ts';
import type { AccumulatorState, SpecialAccumulator } from './accumulator.ts';
import { checkedCount, countedInput, groupCount } from './count-of-results.ts';

/** Starts a state that keeps `n` values. */
export type StartCounted = (n: number, collation: Collation | undefined) => AccumulatorState;

export interface CountedAccumulator extends SpecialAccumulator {
  readonly specificationCode: number;
  readonly start: StartCounted;
}

/** An accumulator of `{n, input}`. */
export function counted(
  name: string,
  specificationCode: number,
  start: StartCounted,
): CountedAccumulator {
  return {
    kind: 'special',
    name,
    specificationCode,
    start,
    parse(argument, context, parse) {
      const { n, input } = countedInput(name, specificationCode, argument, context, parse);
      const { collation } = context.variables;
      return {
        argument: input,
        start: (group) => start(groupCount(n.evaluate(group)), collation),
      };
    },
  };
}

/** The same outside of groups: over the elements of the array `input`. */
export function countedOperator(accumulator: CountedAccumulator): SpecialOperator {
  const { name, specificationCode } = accumulator;
  return {
    kind: 'special',
    name,
    parse(argument, context, parse) {
      const { n, input } = countedInput(name, specificationCode, argument, context, parse);
      const { collation } = context.variables;
      return fold(context, [n, input], (scope) => {
        const state = accumulator.start(checkedCount(n.evaluate(scope)), collation);
        const array = input.evaluate(scope);
        if (array?.type !== BsonType.array) {
          throw new MongoServerError(5788200, 'Input must be an array');
        }
        for (const element of elementsOf(array)) state.add(element);
        return state.result();
      });
    },
  };
}
