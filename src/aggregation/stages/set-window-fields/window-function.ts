/** What the functions of `$setWindowFields` are made of. */
import type {
  Expression,
  MaybeValue,
  ParseContext,
  Scope,
  Value,
} from '../../../expressions/index.ts';
import type { SortPattern } from '../../../query/index.ts';

/** The order of the documents in a partition. */
export interface WindowOrder {
  readonly pattern: SortPattern;
  /** What a sort by one field goes by; undefined: there are more, or none. */
  readonly single: { readonly value: Expression; readonly isAscending: boolean } | undefined;
}

/** One function at work on one partition, whose documents it is shown in their order. */
export interface WindowRun {
  /** The next document; borrowed. */
  add(scope: Scope): void;
  /** Whether the result for the document at `at` is known; `isWhole`: the partition has no more. */
  isReady(at: number, isWhole: boolean): boolean;
  /** Asked for 0, 1, 2 ... in this order, each once, when it is ready. */
  result(at: number): MaybeValue;
  readonly heldBytes: number;
}

/** The function of one output field, read. */
export interface WindowFunction {
  start(): WindowRun;
}

/** The elements of an output field: the function with its argument, and `window`. */
export interface WindowSpecification {
  readonly name: string;
  readonly argument: Value;
  readonly window: Value | undefined;
  /** A name beside the two; undefined: there is none. */
  readonly other: string | undefined;
}

export interface WindowContext {
  readonly parse: ParseContext;
  /** Undefined: the stage has no `sortBy`. */
  readonly order: WindowOrder | undefined;
}

/** What a window holds, of the values of its documents. */
export interface WindowState {
  /** The value of a document that comes in at the end; borrowed. */
  add(value: MaybeValue, sortKey?: Buffer): void;
  /** The oldest goes. */
  remove(value: MaybeValue): void;
  result(): MaybeValue;
  readonly heldBytes: number;
}
