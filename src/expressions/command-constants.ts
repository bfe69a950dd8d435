/** The constants a command brings for its expressions. */
import { ElementReader, type RawValue } from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { ParseContext, Scope } from './expression.ts';
import { parseExpression } from './parse.ts';
import { type MaybeValue, ownValue } from './value.ts';
import { checkUserVariableName, checkVariableName } from './variable-name.ts';
import type { Variables } from './variables.ts';

const noDocument = Buffer.from([5, 0, 0, 0, 0]);
const systemVariables: ReadonlySet<string> = new Set(['NOW', 'CLUSTER_TIME', 'USER_ROLES']);

/**
 * `variables` and those of a command's `let`: expressions without a document, each evaluated once; a
 * later one may name an earlier one.
 */
export function withLet(variables: Variables, spec: RawValue | undefined): Variables {
  if (spec === undefined) return variables;
  let known = variables;
  const reader = new ElementReader(spec.buffer, spec.start);
  while (reader.next()) {
    const name = reader.name();
    if (systemVariables.has(name)) {
      throw new MongoServerError(
        4738901,
        `Attempt to set internal constant: ${name === 'NOW' ? '1' : name}`,
      );
    }
    checkUserVariableName(name);
    const expression = parseExpression(reader.value(), ParseContext.withoutDocument(known));
    const value = expression.evaluate(new Scope(noDocument, 0));
    known = known.with(new Map([[name, value && ownValue(value)]]));
  }
  return known;
}

/** `variables` and the `c` of an update statement: values as they stand. */
export function withConstants(variables: Variables, spec: RawValue | undefined): Variables {
  if (spec === undefined) return variables;
  const named = new Map<string, MaybeValue>();
  const reader = new ElementReader(spec.buffer, spec.start);
  while (reader.next()) {
    checkVariableName(reader.name());
    named.set(reader.name(), ownValue(reader.value()));
  }
  return variables.with(named);
}
