import { type Collation, KeyStringWriter } from '../../bson/index.ts';
import { type Expression, Scope } from '../../expressions/index.ts';
import type { SortKeys } from '../../plan/index.ts';

/** Documents in the order of what an expression gives for them; missing is null. */
export class ExpressionOrder implements SortKeys {
  readonly #expression: Expression;
  readonly #collation: Collation | undefined;
  readonly #scope = new Scope(Buffer.from([5, 0, 0, 0, 0]), 0);
  readonly #writer = new KeyStringWriter();

  constructor(expression: Expression, collation: Collation | undefined) {
    this.#expression = expression;
    this.#collation = collation;
  }

  keyOf(buffer: Buffer, start: number, metadata?: Scope['metadata']): Buffer {
    const scope = this.#scope;
    scope.buffer = buffer;
    scope.start = start;
    scope.metadata = metadata;
    const value = this.#expression.evaluate(scope);
    const writer = this.#writer;
    writer.reset(this.#collation);
    if (value === undefined) writer.appendMissing(false);
    else writer.append(value.buffer, value.type, value.start, false);
    return writer.finish();
  }
}
