import { BsonType } from '../bson/index.ts';
import { compileElementTest, compileTest, expandsLastArray } from './compile-filter.ts';
import type { FilterNode, LeafNode, LogicalNode } from './filter-node.ts';
import { parsePath, visitElements, visitPath } from './path.ts';

/**
 * Which element of the outermost array satisfied the filter, by the rule of the server's
 * MatchDetails: only predicates joined by `$and` count, and of several the last one decides, in the
 * order the server's optimizer puts them in. An `$or` of equalities of one field counts as its `$in`.
 */
export function positionOfMatch(root: FilterNode, buffer: Buffer, start: number): number {
  switch (root.kind) {
    case 'and': {
      let position = -1;
      for (const child of sortedConjuncts(root)) {
        const found = positionOfMatch(child, buffer, start);
        if (found >= 0) position = found;
      }
      return position;
    }
    case 'or': {
      const list = asList(root.children);
      return list === undefined ? -1 : positionOfOne(list, buffer, start);
    }
    case 'nor':
    case 'not':
    case 'text':
    case 'expr':
    case 'jsonSchema':
    case 'where':
    case 'alwaysTrue':
    case 'alwaysFalse':
      return -1;
    default:
      return leafPosition(root, buffer, start);
  }
}

function leafPosition(node: LeafNode, buffer: Buffer, start: number): number {
  const path = parsePath(node.path);
  let position = -1;
  if (node.kind === 'elemMatchObject' || node.kind === 'elemMatchValue') {
    const element = compileElementTest(node);
    visitPath(buffer, start, path, false, (bytes, type, at, outer) => {
      if (type !== BsonType.array) return false;
      let inner = -1;
      const found = visitElements(bytes, at, (_bytes, elementType, elementStart, index) => {
        inner = index;
        return element(bytes, elementType, elementStart);
      });
      if (found) position = outer >= 0 ? outer : inner;
      return found;
    });
    return position;
  }
  const test = compileTest(node);
  visitPath(buffer, start, path, expandsLastArray(node), (bytes, type, at, outer) => {
    if (!test(bytes, type, at)) return false;
    position = outer;
    return true;
  });
  return position;
}

/** Kinds of predicates as the server's optimizer sorts them below `$and`. */
const order: Readonly<Record<string, number>> = {
  or: 0,
  elemMatchObject: 1,
  elemMatchValue: 2,
  size: 3,
  $eq: 4,
  $lte: 5,
  $lt: 6,
  $gt: 7,
  $gte: 8,
  regex: 9,
  mod: 10,
  exists: 11,
  in: 12,
  bits: 13,
  not: 14,
  nor: 15,
  type: 16,
};

function rankOf(node: FilterNode): number {
  const name = node.kind === 'comparison' ? node.operator : node.kind;
  return order[name] ?? Object.keys(order).length;
}

function sortedConjuncts(root: LogicalNode): FilterNode[] {
  const flat = (node: FilterNode): FilterNode[] =>
    node.kind === 'and' ? node.children.flatMap(flat) : [node];
  const pathOf = (node: FilterNode): string => ('path' in node ? node.path : '');
  return flat(root).sort((a, b) => {
    const paths = [pathOf(a), pathOf(b)];
    return rankOf(a) - rankOf(b) || (paths[0]! < paths[1]! ? -1 : Number(paths[0] !== paths[1]));
  });
}

/** Equalities of one path, as one predicate; undefined when the nodes are something else. */
function asList(nodes: readonly FilterNode[]): readonly LeafNode[] | undefined {
  const leaves: LeafNode[] = [];
  for (const node of nodes) {
    const isEquality = node.kind === 'comparison' && node.operator === '$eq';
    if (!isEquality && node.kind !== 'in') return undefined;
    if (leaves.length > 0 && leaves[0]!.path !== node.path) return undefined;
    leaves.push(node);
  }
  return leaves;
}

/** The first element that one of the predicates is true of. */
function positionOfOne(leaves: readonly LeafNode[], buffer: Buffer, start: number): number {
  const found = leaves.map((leaf) => leafPosition(leaf, buffer, start)).filter((at) => at >= 0);
  return found.length === 0 ? -1 : Math.min(...found);
}
