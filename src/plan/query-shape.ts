/**
 * What is left of a query when its values are taken out. Two shapes, as in MongoDB 8.0:
 *
 * - The plan cache shape holds what the choice of an index depends on, in an order of its own: clauses
 *   of `$and`, `$or` and `$nor` are sorted, the fields of a projection too. Index filters go by it.
 * - The query shape holds the command as it was written: the order of its clauses, the arguments of
 *   `$type`, every stage of a pipeline. Of a value only its type is left.
 */
import { createHash } from 'node:crypto';
import { BsonType, decodeDocument, ElementReader, type RawValue } from '../bson/index.ts';
import type { Variables } from '../expressions/index.ts';
import type { Filter, FilterNode, SortPattern } from '../query/index.ts';

export interface ShapedQuery {
  readonly filter: Filter;
  readonly sort?: SortPattern | undefined;
  /** As the client wrote it. */
  readonly projectionSpec?: Record<string, unknown> | undefined;
}

/** Text that is the same for two queries just when their plan cache shapes are. */
export function planCacheShape({ filter, sort, projectionSpec }: ShapedQuery): string {
  const projection = Object.entries(projectionSpec ?? {})
    .map(([path, value]) => `${JSON.stringify(path)}:${projectedAs(value)}`)
    .sort();
  const order = (sort?.paths ?? []).map(({ path, direction }) => [path, direction]);
  return [
    clauseOf(filter.root),
    JSON.stringify(order),
    projection.join(),
    (filter.collation ?? sort?.collation)?.id ?? '',
  ].join('|');
}

/** Eight hexadecimal digits, as explain shows them. */
export function planCacheShapeHash(query: ShapedQuery): string {
  return digest(planCacheShape(query)).slice(0, 8);
}

/** A projected value stands for yes or no, unless it is computed. */
function projectedAs(value: unknown): string {
  const isComputed = value !== null && typeof value === 'object' && !('_bsontype' in value);
  return isComputed ? textOf(value) : String(Boolean(Number(value)));
}

/** Decoded values as text; a 64-bit integer as any other number. */
function textOf(decoded: unknown): string {
  return JSON.stringify(decoded, (_, value) => (typeof value === 'bigint' ? Number(value) : value));
}

function clauseOf(node: FilterNode): string {
  switch (node.kind) {
    case 'and':
      return node.children.length === 1
        ? clauseOf(node.children[0] as FilterNode)
        : sortedClauses('$and', node.children);
    case 'or':
    case 'nor':
      return sortedClauses(`$${node.kind}`, node.children);
    case 'not':
      return `$not(${clauseOf(node.child)})`;
    case 'jsonSchema':
      return `$jsonSchema${JSON.stringify(literalShape(node.spec))}`;
    case 'expr':
      return `$expr${JSON.stringify(literalShape(node.spec))}`;
    case 'text':
      return '$text';
    case 'where':
    case 'alwaysTrue':
    case 'alwaysFalse':
      return node.kind;
    default:
      return `${JSON.stringify(node.path)} ${testOf(node)}`;
  }
}

type Leaf = Extract<FilterNode, { readonly path: string }>;

function testOf(node: Leaf): string {
  switch (node.kind) {
    case 'comparison':
    case 'bits':
      return node.operator;
    case 'in':
      // One value to be in is a value to be equal to.
      return node.values.length === 1 && node.regexes.length === 0 ? '$eq' : '$in';
    case 'elemMatchObject':
      return `$elemMatch(${clauseOf(node.child)})`;
    case 'elemMatchValue':
      return sortedClauses('$elemMatch', node.children);
    default:
      return `$${node.kind}`;
  }
}

function sortedClauses(operator: string, children: readonly FilterNode[]): string {
  return `${operator}(${children.map(clauseOf).sort().join()})`;
}

// -- the query shape ------------------------------------------------------------------------------

/** What the query shape of a command is made of; each part in the order the client wrote it. */
export interface ShapedCommand {
  readonly command: string;
  readonly namespace: string;
  readonly filter?: Filter | undefined;
  readonly sort?: RawValue | undefined;
  readonly projection?: RawValue | undefined;
  readonly pipeline?: RawValue | undefined;
  /** The field of a distinct. */
  readonly key?: string | undefined;
  /** What the expressions of `pipeline` may name. */
  readonly variables?: Variables | undefined;
}

/** 64 hexadecimal digits, as explain shows them. */
export function queryShapeHash(shaped: ShapedCommand): string {
  const { command, namespace, filter, sort, projection, pipeline, key } = shaped;
  return digest(
    textOf([
      command,
      namespace,
      filter === undefined ? null : writtenClause(filter.root),
      // The values of a sort and of a projection are what they say.
      sort === undefined ? null : Object.entries(decodeDocument(sort.buffer, sort.start)),
      projection === undefined
        ? null
        : Object.entries(decodeDocument(projection.buffer, projection.start)),
      pipeline === undefined ? null : literalShape(pipeline),
      key ?? null,
    ]),
  );
}

function writtenClause(node: FilterNode): unknown {
  switch (node.kind) {
    case 'and':
      return node.children.length === 1
        ? writtenClause(node.children[0] as FilterNode)
        : ['$and', ...node.children.map(writtenClause)];
    case 'or':
    case 'nor':
      return [`$${node.kind}`, ...node.children.map(writtenClause)];
    case 'not':
      return ['$not', writtenClause(node.child)];
    case 'jsonSchema':
      return ['$jsonSchema', literalShape(node.spec)];
    case 'expr':
      return ['$expr', literalShape(node.spec)];
    case 'text':
      return ['$text'];
    case 'where':
    case 'alwaysTrue':
    case 'alwaysFalse':
      return node.kind;
    default:
      return [node.path, ...writtenTest(node)];
  }
}

function writtenTest(node: Leaf): unknown[] {
  switch (node.kind) {
    case 'comparison':
      return [node.operator, literalShape(node.value)];
    case 'in':
      return ['$in', listShape(node.values.map(literalShape), node.regexes.length > 0)];
    case 'type':
      return ['$type', ...node.types];
    case 'bits':
      return [node.operator];
    case 'elemMatchObject':
      return ['$elemMatch', writtenClause(node.child)];
    case 'elemMatchValue':
      return ['$elemMatch', ...node.children.map(writtenClause)];
    default:
      return [`$${node.kind}`];
  }
}

/** A list of values is told by the type they share, however many there are. */
function listShape(shapes: readonly unknown[], hasRegex: boolean): string {
  const types = new Set([
    ...shapes.map((shape) => JSON.stringify(shape)),
    ...(hasRegex ? ['/'] : []),
  ]);
  return types.size === 1 ? `list of ${[...types].join()}` : 'list';
}

/** Field names and what names a field (`"$a"`) stay; of everything else its type. */
function literalShape(value: RawValue): unknown {
  const { buffer, type, start, end } = value;
  if (type === BsonType.object || type === BsonType.array) {
    const fields: unknown[] = [type];
    const reader = new ElementReader(buffer, start);
    while (reader.next()) fields.push([reader.name(), literalShape(reader.value())]);
    return fields;
  }
  if (type === BsonType.string && buffer[start + 4] === 0x24) {
    return buffer.toString('utf8', start + 4, end - 1);
  }
  return `?${numberTypes.has(type) ? 'number' : type}`;
}

const numberTypes: ReadonlySet<number> = new Set([
  BsonType.double,
  BsonType.int,
  BsonType.long,
  BsonType.decimal,
]);

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').toUpperCase();
}
