import type { Collation } from '../../bson/index.ts';
import type { MaybeValue, Value } from '../value.ts';

/**
 * The state of one accumulator in one group. Values it is given are borrowed: what it keeps it copies.
 */
export interface AccumulatorState {
  add(value: MaybeValue): void;
  /** The result of the group. */
  result(): Value;
  /** Bytes held beyond a small constant. */
  readonly heldBytes: number;
}

export interface Accumulator {
  /** With its dollar. */
  readonly name: string;
  /** Whether `{$name: []}` style argument lists are refused (40237). */
  readonly isUnary: boolean;
  /** Stock's check of the argument, e.g. that of `$count` is `{}`. */
  checkArgument?(argument: Value): void;
  start(collation?: Collation): AccumulatorState;
}
