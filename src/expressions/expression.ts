import type { MaybeValue, Value } from './value.ts';

/** What an expression is evaluated in: the document, the variables, the time of the operation. */
export class Scope {
  /** The current document (`$$ROOT`); borrowed. */
  buffer: Buffer;
  start: number;
  /** Variables by the slot they were given when the expression was parsed. */
  readonly variables: MaybeValue[] = [];
  /** `$$NOW`: one moment for the whole operation. */
  readonly now: Value;

  constructor(buffer: Buffer, start: number, now: Value) {
    this.buffer = buffer;
    this.start = start;
    this.now = now;
  }
}

/** A parsed expression; `undefined` is the missing value. */
export interface Expression {
  evaluate(scope: Scope): MaybeValue;
  /** The same in every scope: neither fields nor variables take part. */
  readonly isConstant: boolean;
}

/** Names an expression may use, and the slots of their values. */
export class ParseContext {
  readonly #slots: ReadonlyMap<string, number>;
  readonly depth: number;

  constructor(slots: ReadonlyMap<string, number> = new Map(), depth = 0) {
    this.#slots = slots;
    this.depth = depth;
  }

  slotOf(name: string): number | undefined {
    return this.#slots.get(name);
  }

  /** With further variables; their slots are behind all those known here. */
  with(names: readonly string[]): { context: ParseContext; slots: number[] } {
    const slots = new Map(this.#slots);
    let next = Math.max(-1, ...slots.values()) + 1;
    const added = names.map((name) => {
      slots.set(name, next);
      return next++;
    });
    return { context: new ParseContext(slots, this.depth + 1), slots: added };
  }
}

export function constant(value: MaybeValue): Expression {
  return { isConstant: true, evaluate: () => value };
}

/** The number of arguments an operator takes. */
export interface Arity {
  readonly least: number;
  readonly most: number;
}

export function exactly(count: number): Arity {
  return { least: count, most: count };
}

export function between(least: number, most: number): Arity {
  return { least, most };
}

export const anyNumber: Arity = { least: 0, most: Number.POSITIVE_INFINITY };

/** An operator whose arguments are all evaluated before it. */
export interface PlainOperator {
  readonly kind: 'plain';
  /** With its dollar. */
  readonly name: string;
  readonly arity: Arity;
  evaluate(operands: readonly MaybeValue[]): MaybeValue;
}

/** An operator that reads its argument itself: named arguments, variables, short circuits. */
export interface SpecialOperator {
  readonly kind: 'special';
  readonly name: string;
  parse(argument: Value, context: ParseContext, parse: ParseExpression): Expression;
}

export type Operator = PlainOperator | SpecialOperator;

export type ParseExpression = (value: Value, context: ParseContext) => Expression;
