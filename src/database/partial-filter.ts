/** The `partialFilterExpression` of an index: which filters it may be. */
import {
  BsonType,
  documentText,
  ElementReader,
  encodeDocument,
  type RawValue,
} from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { explainFilter } from '../plan/index.ts';
import { type FilterNode, parseFilter } from '../query/index.ts';

const maxDepth = 4;

const notAllowed: ReadonlySet<string> = new Set(['$where', '$text']);

/** Throws CannotCreateIndex for what has no place there, and whatever is wrong with the filter itself. */
export function checkPartialFilter(expression: RawValue): void {
  checkContext(expression);
  checkNode(parseFilter(expression.buffer, expression.start).root, 0);
}

/** Operators that depend on more than the document, in any clause. */
function checkContext(expression: RawValue): void {
  const reader = new ElementReader(expression.buffer, expression.start);
  while (reader.next()) {
    const name = reader.name();
    if (name === '$expr') {
      throw new MongoServerError('QueryFeatureNotAllowed', '$expr is not allowed in this context');
    }
    if (notAllowed.has(name)) {
      throw new MongoServerError('BadValue', `${name} is not allowed in this context`);
    }
    const value = reader.value();
    if (value.type !== BsonType.array || !name.startsWith('$')) continue;
    const clauses = new ElementReader(value.buffer, value.start);
    while (clauses.next()) {
      const clause = clauses.value();
      if (clause.type === BsonType.object) checkContext(clause);
    }
  }
}

function checkNode(node: FilterNode, depth: number): void {
  if (depth + 1 > maxDepth) {
    throw new MongoServerError(
      'CannotCreateIndex',
      `partialFilterExpression depth may not exceed ${maxDepth}`,
    );
  }
  switch (node.kind) {
    case 'and':
    case 'or':
      for (const child of node.children) checkNode(child, depth + 1);
      return;
    case 'comparison':
    case 'exists':
    case 'type':
      return;
    case 'in':
      if (node.regexes.length === 0) return;
  }
  throw new MongoServerError(
    'CannotCreateIndex',
    `Expression not supported in partial index: ${documentText(encodeDocument(explainFilter(node)), 0)}`,
  );
}
