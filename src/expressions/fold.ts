import { MongoServerError } from '../errors/index.ts';
import { constant, type Expression, type ParseContext, type Scope } from './expression.ts';
import type { MaybeValue } from './value.ts';

/** An expression of constants is evaluated now, as stock does when it optimizes; undefined parts were left out. */
export function fold(
  { foldingPrefix }: ParseContext,
  parts: readonly (Expression | undefined)[],
  evaluate: (scope: Scope) => MaybeValue,
): Expression {
  if (parts.length > 0 && !parts.every((part) => part === undefined || part.isConstant)) {
    return { isConstant: false, evaluate };
  }
  try {
    return constant(evaluate(undefined as unknown as Scope));
  } catch (error) {
    if (error instanceof MongoServerError) {
      if (foldingPrefix === undefined) return { isConstant: false, evaluate };
      throw new MongoServerError(
        error.code,
        error.message.startsWith(foldingPrefix) ? error.message : foldingPrefix + error.message,
      );
    }
    throw error;
  }
}
