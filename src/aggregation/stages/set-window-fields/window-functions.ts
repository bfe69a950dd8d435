/** The functions of `$setWindowFields`, by name. */
import {
  type Expression,
  noScope,
  nullValue,
  type ParsedAccumulator,
  parseExpression,
} from '../../../expressions/index.ts';
import { accumulators } from '../../accumulators/index.ts';
import { overWindow } from './over-window.ts';
import {
  parseDerivative,
  parseIntegral,
  parseLinearFill,
  parseLocf,
  parseMovingAverage,
  parseRank,
  parseShift,
} from './special-functions.ts';
import { startCovariance } from './states/covariance.ts';
import { startDeviation } from './states/deviation.ts';
import {
  startAnew,
  startCount,
  startExtreme,
  startFirst,
  startGrowing,
  startLast,
  startPush,
  startSet,
} from './states/kept-values.ts';
import { startAverage, startSum } from './states/removable-sum.ts';
import { failedToParse, readBounds } from './window-bounds.ts';
import type {
  WindowContext,
  WindowFunction,
  WindowSpecification,
  WindowState,
} from './window-function.ts';

type Parse = (specification: WindowSpecification, context: WindowContext) => WindowFunction;
type Collation = WindowContext['parse']['variables']['collation'];

/** Of plain accumulators, whose windows documents leave. */
const removable: Readonly<Record<string, (collation: Collation) => WindowState>> = {
  $addToSet: startSet,
  $avg: startAverage,
  $count: startCount,
  $covariancePop: () => startCovariance(0),
  $covarianceSamp: () => startCovariance(1),
  $first: () => startFirst(),
  $last: startLast,
  $max: (collation) => startExtreme(1, collation),
  $min: (collation) => startExtreme(-1, collation),
  $push: startPush,
  $stdDevPop: () => startDeviation(0),
  $stdDevSamp: () => startDeviation(1),
  $sum: startSum,
};

/** Accumulators that read their argument themselves. */
const special = [
  '$bottom',
  '$bottomN',
  '$firstN',
  '$lastN',
  '$maxN',
  '$median',
  '$minN',
  '$percentile',
  '$top',
  '$topN',
];

const functions: ReadonlyMap<string, Parse> = new Map<string, Parse>([
  ...Object.keys(removable).map((name) => [name, parsePlain] as const),
  ...special.map((name) => [name, parseSpecial] as const),
  ['$denseRank', parseRank],
  ['$derivative', parseDerivative],
  ['$documentNumber', parseRank],
  ['$expMovingAvg', parseMovingAverage],
  ['$integral', parseIntegral],
  ['$linearFill', parseLinearFill],
  ['$locf', parseLocf],
  ['$rank', parseRank],
  ['$shift', parseShift],
]);

export function parseWindowFunction(
  specification: WindowSpecification,
  context: WindowContext,
): WindowFunction {
  const parse = functions.get(specification.name);
  if (parse !== undefined) return parse(specification, context);
  throw failedToParse(`Unrecognized window function, ${specification.name}`);
}

function checkNoOther({ other }: WindowSpecification): void {
  if (other === undefined) return;
  throw failedToParse(`Window function found an unknown argument: ${other}`);
}

function parsePlain(specification: WindowSpecification, context: WindowContext): WindowFunction {
  checkNoOther(specification);
  const { name, window } = specification;
  const bounds = readBounds(window, context);
  const { collation } = context.parse.variables;
  const accumulator = accumulators.get(name);
  if (accumulator?.kind !== 'special') accumulator?.checkArgument?.(specification.argument);
  const argument = parseExpression(specification.argument, context.parse);
  const startRemovable = () => removable[name]!(collation);
  const grows = bounds.lower === 'unbounded' && accumulator !== undefined;
  if (!grows || accumulator.kind === 'special') {
    return overWindow(bounds, { argument }, context, startRemovable);
  }
  const start = () => startGrowing(accumulator.start(collation));
  return overWindow(bounds, { argument }, context, start);
}

function parseSpecial(specification: WindowSpecification, context: WindowContext): WindowFunction {
  checkNoOther(specification);
  const { name, argument, window } = specification;
  const bounds = readBounds(window, context);
  const accumulator = accumulators.get(name);
  if (accumulator?.kind !== 'special') throw new Error(`${name} is no special accumulator`);
  const parsed: ParsedAccumulator = accumulator.parse(argument, context.parse, parseExpression);
  const start = () => parsed.start(noScope);
  const none = parsed.start(noScope);
  const input = { argument: parsed.argument as Expression, sortKey: parsed.sortKey };
  const empty = emptyResult(name, () => none.result());
  return overWindow(bounds, input, context, () =>
    withEmpty(bounds.lower === 'unbounded' ? startGrowing(start()) : startAnew(start), empty),
  );
}

/** Of a window without documents: an array without elements, or null. */
function emptyResult(name: string, result: () => ReturnType<WindowState['result']>) {
  return name === '$top' || name === '$bottom' ? () => nullValue : result;
}

function withEmpty(
  state: WindowState,
  empty: () => ReturnType<WindowState['result']>,
): WindowState {
  let documents = 0;
  return {
    get heldBytes() {
      return state.heldBytes;
    },
    add(value, sortKey) {
      documents++;
      state.add(value, sortKey);
    },
    remove(value) {
      documents--;
      state.remove(value);
    },
    result: () => (documents === 0 ? empty() : state.result()),
  };
}
