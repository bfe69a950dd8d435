import type { Collation } from '../bson/index.ts';
import type { Metadata, MetaWord } from './metadata.ts';
import type { MaybeValue, Value } from './value.ts';
import type { Variables } from './variables.ts';

/** What an expression is evaluated in: the document, and the variables of operators around it. */
export class Scope {
  /** The current document (`$$ROOT`); borrowed. */
  buffer: Buffer;
  start: number;
  /** What is known of the current document beside its fields. */
  metadata: Metadata | undefined;
  /** Variables by the slot they were given when the expression was parsed. */
  readonly variables: MaybeValue[] = [];

  constructor(buffer: Buffer, start: number) {
    this.buffer = buffer;
    this.start = start;
  }
}

/** For constants, which no document takes part in. */
export const noScope: Scope = new Scope(Buffer.from([5, 0, 0, 0, 0]), 0);

/** A parsed expression; `undefined` is the missing value. */
export interface Expression {
  evaluate(scope: Scope): MaybeValue;
  /** The same in every scope: neither fields nor variables take part. */
  readonly isConstant: boolean;
}

/** Names an expression may use: constants of the operation, and the slots of variables around it. */
export class ParseContext {
  readonly variables: Variables;
  /** False: fields are refused, there is no document (the values of a command's `let`). */
  readonly hasDocument: boolean;
  readonly #slots: ReadonlyMap<string, number>;
  readonly depth: number;
  /** What the expressions read with it want to know of documents beside their fields. */
  readonly metaWords: Set<MetaWord>;

  /**
   * Before the errors of constants that are evaluated while the expression is read. Undefined: such an
   * error waits for a document (pipelines of updates are not optimized).
   */
  readonly foldingPrefix: string | undefined;

  private constructor(
    variables: Variables,
    hasDocument: boolean,
    foldingPrefix: string | undefined,
    slots: ReadonlyMap<string, number>,
    depth: number,
    metaWords = new Set<MetaWord>(),
  ) {
    this.variables = variables;
    this.hasDocument = hasDocument;
    this.foldingPrefix = foldingPrefix;
    this.#slots = slots;
    this.depth = depth;
    this.metaWords = metaWords;
  }

  static of(variables: Variables): ParseContext {
    return new ParseContext(variables, true, '', new Map(), 0);
  }

  static ofPipeline(variables: Variables): ParseContext {
    const prefix = 'Failed to optimize pipeline :: caused by :: ';
    return new ParseContext(variables, true, prefix, new Map(), 0);
  }

  static ofUpdate(variables: Variables): ParseContext {
    return new ParseContext(variables, true, undefined, new Map(), 0);
  }

  static withoutDocument(variables: Variables): ParseContext {
    return new ParseContext(variables, false, '', new Map(), 0);
  }

  /** Whether `$a` is not a field of the document but of a `CURRENT` the client has defined. */
  get redefinesCurrent(): boolean {
    return this.#slots.has('CURRENT') || this.variables.has('CURRENT');
  }

  /** For what may never be evaluated: an error of a constant waits for a document. */
  withoutFolding(): ParseContext {
    const { variables, hasDocument, depth, metaWords } = this;
    return new ParseContext(variables, hasDocument, undefined, this.#slots, depth, metaWords);
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
    const { variables, hasDocument, foldingPrefix, depth, metaWords } = this;
    const context = new ParseContext(
      variables,
      hasDocument,
      foldingPrefix,
      slots,
      depth + 1,
      metaWords,
    );
    return { context, slots: added };
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
  /** Strings are compared by the collation, if there is one. */
  evaluate(operands: readonly MaybeValue[], collation?: Collation): MaybeValue;
}

/** An operator that reads its argument itself: named arguments, variables, short circuits. */
export interface SpecialOperator {
  readonly kind: 'special';
  readonly name: string;
  parse(argument: Value, context: ParseContext, parse: ParseExpression): Expression;
}

export type Operator = PlainOperator | SpecialOperator;

export type ParseExpression = (value: Value, context: ParseContext) => Expression;
