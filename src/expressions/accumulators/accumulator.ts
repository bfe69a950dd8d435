import type { Collation } from '../../bson/index.ts';
import type { Expression, ParseContext, ParseExpression, Scope } from '../expression.ts';
import type { MaybeValue, Value } from '../value.ts';

/**
 * The state of one accumulator in one group. Values it is given are borrowed: what it keeps it copies.
 */
export interface AccumulatorState {
  /** `sortKey` is that of the accumulator's `sortKey`, if it has one; it is not borrowed. */
  add(value: MaybeValue, sortKey?: Buffer): void;
  /** The result of the group. */
  result(): Value;
  /** Bytes held beyond a small constant. */
  readonly heldBytes: number;
}

/** An accumulator whose argument is one expression. */
export interface Accumulator {
  readonly kind?: never;
  /** With its dollar. */
  readonly name: string;
  /** Stock's check of the argument, e.g. that of `$count` is `{}`. */
  checkArgument?(argument: Value): void;
  start(collation?: Collation): AccumulatorState;
}

/** An accumulator with its argument read. */
export interface ParsedAccumulator {
  /** What each document gives. */
  readonly argument: Expression;
  /** What the documents of a group are ordered by; the bytes are its own. */
  readonly sortKey?: (scope: Scope) => Buffer;
  /** `group` has the fields of the group's `_id` where that is a document, else none. */
  start(group: Scope): AccumulatorState;
}

/** An accumulator with named arguments. */
export interface SpecialAccumulator {
  readonly kind: 'special';
  readonly name: string;
  parse(argument: Value, context: ParseContext, parse: ParseExpression): ParsedAccumulator;
}
