/** How the window functions that are no accumulators of groups are read. */
import {
  BsonType,
  type Decimal,
  decimalFromInteger,
  divideDecimals,
  ElementReader,
  toDecimal,
  toNumber,
  truncateToInteger,
  valueText,
} from '../../../bson/index.ts';
import { MongoServerError } from '../../../errors/index.ts';
import {
  arrayValue,
  type Expression,
  isNumber,
  lengthOfUnit,
  noScope,
  nullValue,
  ownValue,
  parseExpression,
  type Value,
} from '../../../expressions/index.ts';
import { LinearFill } from './linear-fill.ts';
import { overWindow } from './over-window.ts';
import { startFirst } from './states/kept-values.ts';
import { startLocf, startMovingAverage, startRank } from './states/running.ts';
import { startDerivative, startIntegral, type UnitLength } from './states/slope.ts';
import { type DocumentBounds, failedToParse, readBounds, readUnit } from './window-bounds.ts';
import { WindowFrame } from './window-frame.ts';
import type { WindowContext, WindowFunction, WindowSpecification } from './window-function.ts';

const untilCurrent: DocumentBounds = { kind: 'documents', lower: 'unbounded', upper: 'current' };

function refuseWindow({ name, window, other }: WindowSpecification): void {
  if (window !== undefined) throw failedToParse(`${name} does not accept a 'window' field`);
  if (other !== undefined) throw failedToParse(`${name} got unexpected argument: ${other}`);
}

/** `$documentNumber`, `$rank` and `$denseRank`. */
export function parseRank(
  { name, argument, window, other }: WindowSpecification,
  { order }: WindowContext,
): WindowFunction {
  const isEmpty =
    argument.type === BsonType.object && !new ElementReader(argument.buffer, argument.start).next();
  if (!isEmpty) {
    throw new MongoServerError(5371603, `${name} must be specified with '{}' as the value`);
  }
  if (window !== undefined || other !== undefined) {
    throw new MongoServerError(5371601, 'Rank style window functions take no other arguments');
  }
  if (order?.single === undefined) {
    throw new MongoServerError(
      5371602,
      `${name} must be specified with a top level sortBy expression with exactly one element`,
    );
  }
  const { pattern } = order;
  const input = {
    argument: missing,
    sortKey: ({ buffer, start, metadata }: typeof noScope) =>
      pattern.keyOf(buffer, start, metadata),
    sortValue: undefined,
  };
  const kind = name as Parameters<typeof startRank>[0];
  return { start: () => new WindowFrame(untilCurrent, input, startRank(kind)) };
}

const missing: Expression = { isConstant: true, evaluate: () => undefined };

function requireSort(name: string, { order }: WindowContext): void {
  if (order === undefined) throw failedToParse(`${name} requires a sortBy`);
}

/** The named arguments of a function. */
function readArguments<Name extends string>(
  name: string,
  argument: Value,
  known: readonly Name[],
): { [field in Name]?: Value } {
  if (argument.type !== BsonType.object) {
    throw failedToParse(`Argument to ${name} must be an object`);
  }
  const given: { [field in Name]?: Value } = {};
  const reader = new ElementReader(argument.buffer, argument.start);
  while (reader.next()) {
    const field = known.find((one) => one === reader.name());
    if (field === undefined) {
      throw failedToParse(`${name} got unexpected argument: ${reader.name()}`);
    }
    given[field] = reader.value();
  }
  return given;
}

/** `$shift`: the value of the document so many places away. */
export function parseShift(
  specification: WindowSpecification,
  context: WindowContext,
): WindowFunction {
  const { name, argument } = specification;
  refuseWindow(specification);
  requireSort(name, context);
  const given = readArguments(name, argument, ['output', 'by', 'default']);
  if (given.output === undefined) throw failedToParse("$shift requires an 'output' expression.");
  if (given.by === undefined) throw failedToParse("$shift requires 'by' as an integer value.");
  const by = wholeOf(given.by);
  if (by === undefined) {
    throw failedToParse(`'$shift:by' field must be an integer, but found ${valueText(given.by)}`);
  }
  let none: Value = nullValue;
  if (given.default !== undefined) {
    const expression = parseExpression(given.default, context.parse);
    if (!expression.isConstant) {
      throw failedToParse("'$shift:default' expression must yield a constant value.");
    }
    none = expression.evaluate(noScope) ?? nullValue;
  }
  const input = { argument: parseExpression(given.output, context.parse), sortValue: undefined };
  const bounds: DocumentBounds = { kind: 'documents', lower: by, upper: by };
  return { start: () => new WindowFrame(bounds, input, startFirst(none)) };
}

function wholeOf(value: Value): number | undefined {
  if (!isNumber(value)) return undefined;
  const number = toNumber(value.buffer, value.type, value.start);
  return Number.isInteger(number) && truncateToInteger(value) !== undefined ? number : undefined;
}

/** `$expMovingAvg`. */
export function parseMovingAverage(
  specification: WindowSpecification,
  context: WindowContext,
): WindowFunction {
  const { name, argument } = specification;
  refuseWindow(specification);
  if (context.order === undefined) {
    throw failedToParse("$expMovingAvg requires an explicit 'sortBy'");
  }
  const given = readArguments(name, argument, ['input', 'N', 'alpha']);
  const { input, N, alpha } = given;
  if (input === undefined || (N === undefined) === (alpha === undefined)) {
    throw failedToParse(
      "$expMovingAvg sub object must have exactly two fields: An 'input' field, and either an 'N' field or an 'alpha' field",
    );
  }
  const weight = N === undefined ? readAlpha(alpha!) : weightOf(N);
  const frame = { argument: parseExpression(input, context.parse), sortValue: undefined };
  return { start: () => new WindowFrame(untilCurrent, frame, startMovingAverage(weight)) };
}

/** Of a span of `n` documents: 2 / (n + 1). */
function weightOf(n: Value): Decimal {
  const span = wholeOf(n);
  if (span === undefined) {
    throw failedToParse(`'N' field must be an integer, but found ${valueText(n)}`);
  }
  if (span <= 0) throw failedToParse(`'N' must be greater than zero. Got ${span}`);
  return divideDecimals(decimalFromInteger(2n), decimalFromInteger(BigInt(span) + 1n));
}

function readAlpha(alpha: Value): Decimal {
  if (!isNumber(alpha)) throw failedToParse("'alpha' must be a number");
  const number = toNumber(alpha.buffer, alpha.type, alpha.start);
  if (number > 0 && number < 1) return toDecimal(alpha);
  throw failedToParse(
    `'alpha' must be between 0 and 1 (exclusive), found alpha: ${valueText(alpha)}`,
  );
}

/** `$derivative`. */
export function parseDerivative(
  specification: WindowSpecification,
  context: WindowContext,
): WindowFunction {
  if (specification.window === undefined) {
    throw failedToParse('$derivative requires explicit window bounds');
  }
  return parseSlope(specification, context, startDerivative);
}

/** `$integral`. */
export function parseIntegral(
  specification: WindowSpecification,
  context: WindowContext,
): WindowFunction {
  return parseSlope(specification, context, startIntegral);
}

function parseSlope(
  specification: WindowSpecification,
  context: WindowContext,
  start: (unit: UnitLength) => ReturnType<typeof startIntegral>,
): WindowFunction {
  const { name, argument, window, other } = specification;
  if (other !== undefined) throw failedToParse(`${name} got unexpected argument: ${other}`);
  requireSort(name, context);
  const single = context.order?.single;
  if (single === undefined) throw failedToParse(`${name} requires a non-compound sortBy`);
  const { input, unit } = readArguments(name, argument, ['input', 'unit']);
  if (input === undefined) throw failedToParse(`${name} requires an 'input' expression`);
  const value = parseExpression(input, context.parse);
  const point: Expression = {
    isConstant: false,
    evaluate: (scope) => {
      const at = single.value.evaluate(scope);
      return ownValue(arrayValue([at, value.evaluate(scope)]));
    },
  };
  const length = unit && lengthOf(unit);
  return overWindow(readBounds(window, context), { argument: point }, context, () => start(length));
}

function lengthOf(unit: Value): number {
  const length = lengthOfUnit(readUnit(unit));
  if (length !== undefined) return length;
  throw new MongoServerError(5490704, "unit must be 'week' or smaller");
}

/** `$locf`. */
export function parseLocf(
  specification: WindowSpecification,
  context: WindowContext,
): WindowFunction {
  refuseWindow(specification);
  const argument = parseExpression(specification.argument, context.parse);
  const input = { argument, sortValue: undefined };
  return { start: () => new WindowFrame(untilCurrent, input, startLocf()) };
}

/** `$linearFill`. */
export function parseLinearFill(
  specification: WindowSpecification,
  context: WindowContext,
): WindowFunction {
  refuseWindow(specification);
  const single = context.order?.single;
  if (single === undefined) {
    throw new MongoServerError(
      605001,
      '$linearFill must be specified with a top level sortBy expression with exactly one element',
    );
  }
  const input = parseExpression(specification.argument, context.parse);
  return { start: () => new LinearFill(single.value, input) };
}
