/** The expressions room: the values of the expression engine, its operators and accumulators. Pure. */
export type {
  Accumulator,
  AccumulatorState,
  ParsedAccumulator,
  SpecialAccumulator,
} from './accumulators/accumulator.ts';
export { checkSpecification, groupCount } from './accumulators/count-of-results.ts';
export { accumulators } from './accumulators/index.ts';
export { addValues, divideValues, multiplyValues, subtractValues } from './arithmetic.ts';
export { BoundedRegex } from './bounded-regex.ts';
export { withConstants, withLet } from './command-constants.ts';
export { compareMaybe } from './compare.ts';
export { lengthOfUnit, shiftDate, timeUnitNamed } from './dates/date-steps.ts';
export type { TimeUnit } from './dates/time-unit.ts';
export { elementsOf } from './elements.ts';
export { type Expression, noScope, ParseContext, Scope } from './expression.ts';
export { splitPath } from './field-path.ts';
export { FieldTree } from './field-tree.ts';
export type { Metadata, MetaWord } from './metadata.ts';
export { isExpressionName, parseExpression } from './parse.ts';
export { checkFieldPath } from './path-parts.ts';
export { translateRegex } from './regex-translation.ts';
export type { ScriptFunction, Scripts } from './scripts.ts';
export { transforms } from './transforms/index.ts';
export type { Transform, WriteChanged } from './transforms/transform.ts';
export {
  arrayValue,
  countValue,
  dateValue,
  documentValue,
  doubleValue,
  intValue,
  isNullish,
  isNumber,
  isTruthy,
  longValue,
  type MaybeValue,
  nullValue,
  ownValue,
  textOf,
  textValue,
  typeName,
  type Value,
} from './value.ts';
export { ValueMap } from './value-map.ts';
export { ValueSet } from './value-set.ts';
export { checkUserVariableName } from './variable-name.ts';
export { anyMoment, noVariables, type OperationTimes, Unbound, Variables } from './variables.ts';
