import { BsonType, ElementReader } from '../bson/index.ts';
import type { FilterNode, NearNode } from './filter-node.ts';

const typeAliases: Readonly<Record<number, number>> = { [BsonType.minKey]: -1 };

/** A filter as explain's `parsedQuery` and `filter` show it: every operator written out. */
export function explainFilter(node: FilterNode): Record<string, unknown> {
  switch (node.kind) {
    case 'and':
      if (node.children.length === 0) return {};
      if (node.children.length === 1) return explainFilter(node.children[0]!);
      return { $and: node.children.map(explainFilter) };
    case 'or':
    case 'nor':
      return { [`$${node.kind}`]: node.children.map(explainFilter) };
    case 'not': {
      const inner = explainFilter(node.child);
      const [path, test] = Object.entries(inner)[0] ?? [];
      if (path === undefined || path.startsWith('$')) return { $nor: [inner] };
      return { [path]: { $not: test } };
    }
    case 'text':
      return {
        $text: {
          $search: node.search,
          $language: node.language,
          $caseSensitive: node.isCaseSensitive,
          $diacriticSensitive: node.isDiacriticSensitive,
        },
      };
    case 'expr':
      return { $expr: node.spec };
    case 'jsonSchema':
      return { $jsonSchema: node.spec };
    case 'where':
      return { $where: node.code };
    case 'alwaysTrue':
      return { $alwaysTrue: 1 };
    case 'alwaysFalse':
      return { $alwaysFalse: 1 };
    default:
      return { [node.path]: explainTest(node) };
  }
}

type Leaf = Exclude<
  FilterNode,
  {
    readonly kind:
      | 'and'
      | 'or'
      | 'nor'
      | 'not'
      | 'text'
      | 'expr'
      | 'jsonSchema'
      | 'where'
      | 'alwaysTrue'
      | 'alwaysFalse';
  }
>;

function explainTest(node: Leaf): Record<string, unknown> {
  switch (node.kind) {
    case 'comparison':
      return { [node.operator]: node.value };
    case 'in':
      return {
        $in: [
          ...node.values,
          ...node.regexes.map(({ pattern, options }) => regexValue(pattern, options)),
        ],
      };
    case 'regex':
      return { $regex: node.pattern, ...(node.options === '' ? {} : { $options: node.options }) };
    case 'exists':
      return { $exists: true };
    case 'type':
      return { $type: node.types.map((type) => typeAliases[type] ?? type) };
    case 'geo':
      return { [node.operator]: node.spec };
    case 'near':
      return explainNear(node);
    case 'mod':
      return { $mod: [node.divisor, node.remainder] };
    case 'size':
      return { $size: node.size };
    case 'bits':
      return { [node.operator]: [...node.positions] };
    case 'elemMatchObject':
      return { $elemMatch: explainFilter(node.child) };
    case 'elemMatchValue':
      return {
        $elemMatch: Object.assign({}, ...node.children.map((child) => explainElement(child))),
      };
  }
}

/** A test of an element itself, which has no path. */
function explainElement(node: FilterNode): Record<string, unknown> {
  if (node.kind === 'not') return { $not: explainElement(node.child) };
  return 'path' in node ? explainTest(node) : explainFilter(node);
}

/** The operators as the client wrote them. */
function explainNear({ spec }: NearNode): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  const reader = new ElementReader(spec.buffer, spec.start);
  while (reader.next()) fields[reader.name()] = reader.value();
  return fields;
}

function regexValue(pattern: string, options: string) {
  const bytes = Buffer.from(`${pattern}\0${options}\0`);
  return { buffer: bytes, type: BsonType.regex, start: 0, end: bytes.length };
}
