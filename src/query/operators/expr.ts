/** `$expr`: documents for which an aggregation expression is true. */
import { BsonType, ElementReader, type RawValue } from '../../bson/index.ts';
import {
  elementsOf,
  ParseContext,
  parseExpression,
  Scope,
  textOf,
  type Variables,
} from '../../expressions/index.ts';
import type { ComparisonOperator, ExprNode, ImpliedComparison } from '../filter-node.ts';

export function parseExpr(value: RawValue, variables: Variables): ExprNode {
  const context = ParseContext.of(variables);
  const expression = parseExpression(value, context);
  const implied: ImpliedComparison[] = [];
  if (!context.redefinesCurrent) collectImplied(value, context, implied);
  return { kind: 'expr', expression, spec: value, implied, collation: variables.collation };
}

const noScope = new Scope(Buffer.from([5, 0, 0, 0, 0]), 0);

/** How a comparison reads with its sides exchanged. */
const exchanged: ReadonlyMap<string, ComparisonOperator> = new Map([
  ['$eq', '$eq'],
  ['$gt', '$lt'],
  ['$gte', '$lte'],
  ['$lt', '$gt'],
  ['$lte', '$gte'],
]);

/** What must hold whenever the expression does: comparisons that it is, or that it joins by `$and`. */
function collectImplied(spec: RawValue, context: ParseContext, into: ImpliedComparison[]): void {
  if (spec.type !== BsonType.object) return;
  const reader = new ElementReader(spec.buffer, spec.start);
  if (!reader.next() || reader.type !== BsonType.array) return;
  const name = reader.name();
  const operands = elementsOf(reader.value());
  if (name === '$and') {
    for (const operand of operands) collectImplied(operand, context, into);
    return;
  }
  const reversed = exchanged.get(name);
  const [left, right] = operands;
  if (reversed === undefined || left === undefined || right === undefined) return;
  const leftPath = fieldNamed(left);
  const path = leftPath ?? fieldNamed(right);
  if (path === undefined) return;
  const other = parseExpression(leftPath === undefined ? left : right, context);
  if (!other.isConstant) return;
  const value = other.evaluate(noScope);
  if (value === undefined || !isComparable(value)) return;
  into.push({
    path,
    operator: leftPath === undefined ? reversed : (name as ComparisonOperator),
    value,
  });
}

/** The path of `"$a.b"`; undefined for anything else, and where a part may be a position in an array. */
function fieldNamed(operand: RawValue): string | undefined {
  if (operand.type !== BsonType.string) return undefined;
  const text = textOf(operand);
  if (!text.startsWith('$') || text.startsWith('$$')) return undefined;
  const path = text.slice(1);
  return path.split('.').some((part) => /^\d+$/.test(part)) ? undefined : path;
}

/** In an index null and a missing field are one, and arrays are not there as wholes. */
function isComparable({ type }: RawValue): boolean {
  return type !== BsonType.null && type !== BsonType.undefined && type !== BsonType.array;
}
