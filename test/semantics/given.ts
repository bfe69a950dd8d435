import { decodeValue, encodeDocument, encodeValue, typeAlias } from '../../src/bson/index.ts';
import { noVariables, ParseContext, parseExpression, Scope } from '../../src/expressions/index.ts';
import { outcome } from '../query/documents.ts';

/** The type and the text of what an expression gives on `{a, b}`, or `{code, message}`. */
export function given(expression: unknown, a?: unknown, b?: unknown): unknown {
  const fields = { ...(a !== undefined && { a }), ...(b !== undefined && { b }) };
  const scope = new Scope(encodeDocument(fields), 0);
  return outcome(() => {
    const parsed = parseExpression(encodeValue(expression), ParseContext.ofUpdate(noVariables));
    const value = parsed.evaluate(scope);
    return value === undefined
      ? 'missing'
      : `${typeAlias(value.type)} ${String(decodeValue(value))}`;
  });
}
