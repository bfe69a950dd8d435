import { BsonType } from '../bson/index.ts';
import { compileElementTest, compileTest, expandsLastArray } from './compile-filter.ts';
import type { FilterNode, LeafNode } from './filter-node.ts';
import { parsePath, visitElements, visitPath } from './path.ts';

/**
 * Which element of the outermost array satisfied the filter, by the rule of the server's
 * MatchDetails: only predicates joined by `$and` count, and of several the last one decides.
 */
export function positionOfMatch(root: FilterNode, buffer: Buffer, start: number): number {
  switch (root.kind) {
    case 'and': {
      let position = -1;
      for (const child of root.children) {
        const found = positionOfMatch(child, buffer, start);
        if (found >= 0) position = found;
      }
      return position;
    }
    case 'or':
    case 'nor':
    case 'not':
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
