import { BsonType } from '../../bson/index.ts';
import { elementsOf } from '../elements.ts';
import type { SpecialOperator } from '../expression.ts';
import { fold } from '../fold.ts';
import { arrayValue, doubleValue, nullValue, type Value } from '../value.ts';
import type { AccumulatorState, SpecialAccumulator } from './accumulator.ts';
import { quantileArguments } from './quantile-arguments.ts';
import { startQuantiles } from './quantiles.ts';

type Name = '$percentile' | '$median';

/** The codes of an argument that is no object: of the accumulator and of the expression. */
const specificationCodes = {
  $percentile: [7429703, 7436200],
  $median: [7436100, 7436201],
} as const;

function start(name: Name, ps: readonly number[]): AccumulatorState {
  return startQuantiles(ps, (quantiles) => {
    const values = ps.map(
      (_, at): Value => (quantiles === undefined ? nullValue : doubleValue(quantiles[at]!)),
    );
    return name === '$median' ? values[0]! : arrayValue(values);
  });
}

/** In a group: over the values of its documents. */
export function quantileAccumulator(name: Name): SpecialAccumulator {
  return {
    kind: 'special',
    name,
    parse(argument, context, parse) {
      const code = specificationCodes[name][0];
      const { input, ps } = quantileArguments(name, code, argument, context, parse);
      return { argument: input, start: () => start(name, ps) };
    },
  };
}

/** Outside: over the elements of an array, or over one number. */
export function quantileOperator(name: Name): SpecialOperator {
  return {
    kind: 'special',
    name,
    parse(argument, context, parse) {
      const code = specificationCodes[name][1];
      const { input, ps } = quantileArguments(name, code, argument, context, parse);
      return fold(context, [input], (scope) => {
        const state = start(name, ps);
        const value = input.evaluate(scope);
        const values = value?.type === BsonType.array ? elementsOf(value) : [value];
        for (const one of values) state.add(one);
        return state.result();
      });
    },
  };
}
