/**
 * Predicates as an index with a collation can answer them. It holds the collation's keys in place of
 * texts, so a predicate on text must be of the same collation, and asks for keys.
 */
import { type Collation, collatedValue, isCollatable, isSameCollation } from '../bson/index.ts';
import type { FilterNode } from '../query/index.ts';

/** One for each predicate; one that the index has no bounds for stands inside an `$and`, which has none. */
export function collatedPredicates(
  predicates: readonly FilterNode[],
  collation: Collation | undefined,
): readonly FilterNode[] {
  return predicates.map(
    (node) => collatedNode(node, collation) ?? { kind: 'and', children: [node] },
  );
}

function collatedNode(node: FilterNode, collation: Collation | undefined): FilterNode | undefined {
  switch (node.kind) {
    case 'comparison': {
      const { value } = node;
      if (!isCollatable(value.type)) return node;
      if (!isSameCollation(node.collation, collation)) return undefined;
      return collation === undefined ? node : { ...node, value: collatedValue(value, collation) };
    }
    case 'in': {
      if (collation === undefined && node.collation === undefined) return node;
      const holdsText = node.values.some(({ type }) => isCollatable(type));
      if (holdsText && !isSameCollation(node.collation, collation)) return undefined;
      if (collation === undefined) return node;
      return {
        ...node,
        values: node.values.map((value) => collatedValue(value, collation)),
        regexes: node.regexes.map((regex) => ({ ...regex, ...anyText })),
      };
    }
    case 'regex':
      return collation === undefined ? node : { ...node, ...anyText };
    case 'not': {
      const child = collatedNode(node.child, collation);
      return child && { ...node, child };
    }
    case 'elemMatchValue': {
      const children = node.children
        .map((child) => collatedNode(child, collation))
        .filter((child) => child !== undefined);
      return children.length === 0 ? undefined : { ...node, children };
    }
    case 'expr': {
      if (node.implied.length === 0) return node;
      const implied = node.implied.flatMap((one) => {
        if (!isCollatable(one.value.type)) return [one];
        if (!isSameCollation(node.collation, collation)) return [];
        return [
          collation === undefined ? one : { ...one, value: collatedValue(one.value, collation) },
        ];
      });
      return { ...node, implied };
    }
    case 'and':
    case 'or':
    case 'nor':
    case 'elemMatchObject':
      return { kind: 'and', children: [node] };
    default:
      return node;
  }
}

/** A regular expression looks at the text itself, which stands in no key. */
const anyText = { prefix: undefined, prefixIsExact: false } as const;
