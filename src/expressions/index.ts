/** The expressions room: the values of the expression engine, its operators and accumulators. Pure. */
export type { Accumulator, AccumulatorState } from './accumulators/accumulator.ts';
export { accumulators, missingAccumulators } from './accumulators/index.ts';
export { elementsOf } from './elements.ts';
export { type Expression, Scope } from './expression.ts';
export { splitPath } from './field-path.ts';
export { FieldTree } from './field-tree.ts';
export { namedArguments } from './operands.ts';
export { parseExpression } from './parse.ts';
export { checkFieldPath } from './path-parts.ts';
export {
  countValue,
  dateValue,
  documentValue,
  isNullish,
  isNumber,
  isTruthy,
  longValue,
  type MaybeValue,
  nullValue,
  ownValue,
  textOf,
  typeName,
  type Value,
} from './value.ts';
export { ValueMap } from './value-map.ts';
