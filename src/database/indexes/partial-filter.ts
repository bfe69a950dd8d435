/** The `partialFilterExpression` of an index: which filters it may be. */
import { BsonType, ElementReader, type RawValue, valueText } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { Filter, FilterNode, LeafNode } from '../../query/index.ts';

const maxDepth = 4;

/** Throws CannotCreateIndex for an operator that has no place there. */
export function checkPartialFilter({ root }: Filter): void {
  checkNode(root, 0);
}

/** Refuses expressions, in any clause. */
export function checkFilterContext(expression: RawValue): void {
  const reader = new ElementReader(expression.buffer, expression.start);
  while (reader.next()) {
    const name = reader.name();
    if (name === '$expr') {
      throw new MongoServerError('QueryFeatureNotAllowed', '$expr is not allowed in this context');
    }
    const value = reader.value();
    if (value.type !== BsonType.array || !name.startsWith('$')) continue;
    const clauses = new ElementReader(value.buffer, value.start);
    while (clauses.next()) {
      const clause = clauses.value();
      if (clause.type === BsonType.object) checkFilterContext(clause);
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
    case 'geo':
      return;
    case 'in':
      if (node.regexes.length === 0) return;
  }
  throw new MongoServerError(
    'CannotCreateIndex',
    `Expression not supported in partial index: ${treeText(node, 0)}`,
  );
}

/** A filter as MongoDB prints its tree: a line for each node, those below indented. */
function treeText(node: FilterNode, level: number): string {
  const indent = ' '.repeat(4 * level);
  switch (node.kind) {
    case 'and':
    case 'or':
    case 'nor': {
      const children = node.children.map((child) => treeText(child, level + 1));
      return `${indent}$${node.kind}\n${children.join('')}`;
    }
    case 'not':
      return `${indent}$not\n${treeText(node.child, level + 1)}`;
    case 'alwaysTrue':
    case 'alwaysFalse':
      return `${indent}$${node.kind}\n`;
    case 'elemMatchObject':
      return `${indent}${node.path} $elemMatch (obj)\n${treeText(node.child, level + 1)}`;
    case 'elemMatchValue': {
      const children = node.children.map((child) => treeText(child, level + 1));
      return `${indent}${node.path} $elemMatch (value)\n${children.join('')}`;
    }
    case 'text':
    case 'expr':
    case 'jsonSchema':
    case 'where':
      return `${indent}$${node.kind}\n`;
    default:
      return `${indent}${node.path} ${leafText(node)}\n`;
  }
}

function leafText(node: Exclude<LeafNode, { kind: 'elemMatchObject' | 'elemMatchValue' }>): string {
  switch (node.kind) {
    case 'comparison':
      return `${node.operator} ${valueText(node.value)}`;
    case 'in': {
      const regexes = node.regexes.map(({ pattern, options }) => `/${pattern}/${options}`);
      return `$in [ ${[...node.values.map(valueText), ...regexes].join(' ')}]`;
    }
    case 'geo':
      return `${node.operator} ${valueText(node.spec)}`;
    case 'near':
      return valueText(node.spec);
    case 'regex':
      return `regex /${node.pattern}/${node.options}`;
    case 'mod':
      return `mod ${node.divisor} % x == ${node.remainder}`;
    case 'size':
      return `$size : ${node.size}`;
    case 'bits':
      return `${node.operator}: [${node.positions.join(', ')}]`;
    case 'type':
      return `type: [ ${node.types.join(', ')} ]`;
    case 'exists':
      return 'exists';
  }
}
