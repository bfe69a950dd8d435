/**
 * Whether every document that matches one filter matches another. The answer is safe, not complete:
 * true is always right, and false may only mean that it is not seen. It decides whether a query may
 * use a partial index.
 */
import {
  BsonType,
  type Collation,
  compareValues,
  encodeDocument,
  isCollatable,
  isSameCollation,
  type RawValue,
} from '../bson/index.ts';
import { type ComparisonNode, Filter, type FilterNode, type InNode } from '../query/index.ts';
import { bracketOf } from './interval.ts';

const emptyDocument = encodeDocument({});

/** Whether all that `query` matches, `wanted` matches too. */
export function implies(query: FilterNode, wanted: FilterNode): boolean {
  if (wanted.kind === 'alwaysTrue') return true;
  if (wanted.kind === 'and') return wanted.children.every((child) => implies(query, child));
  if (query.kind === 'and') {
    if (query.children.some((child) => implies(child, wanted))) return true;
  } else if (query.kind === 'or') {
    if (query.children.every((child) => implies(child, wanted))) return true;
  }
  if (wanted.kind === 'or') return wanted.children.some((child) => implies(query, child));
  return isSame(query, wanted) || leafImplies(query, wanted);
}

function leafImplies(query: FilterNode, wanted: FilterNode): boolean {
  if (query.kind === 'not') {
    // Not null: neither null nor missing, but perhaps below an empty array.
    if (wanted.kind !== 'exists' || wanted.path.includes('.')) return false;
    return isAbout(query.child, wanted.path) && wantsValue(query);
  }
  if (!('path' in query) || !('path' in wanted) || query.path !== wanted.path) return false;
  switch (wanted.kind) {
    case 'exists':
      return wantsValue(query);
    case 'comparison':
      return valuesOf(query)?.every((one) => comparisonImplies(one, wanted)) ?? false;
    case 'in':
      return isInList(query, wanted);
    case 'type':
      return query.kind === 'type' && query.types.every((type) => wanted.types.includes(type));
    default:
      return false;
  }
}

function isAbout(node: FilterNode, path: string): boolean {
  return 'path' in node && node.path === path;
}

/** A test of one path that a document without it does not pass. */
function wantsValue(node: FilterNode): boolean {
  return !new Filter(node).matches(emptyDocument, 0);
}

type OneComparison = Pick<ComparisonNode, 'operator' | 'value' | 'collation'>;

/** The comparisons one of which holds for what matches; undefined when the node says something else. */
function valuesOf(node: FilterNode): readonly OneComparison[] | undefined {
  if (node.kind === 'comparison') return [node];
  if (node.kind !== 'in' || node.regexes.length > 0) return undefined;
  const { values, collation } = node;
  return values.map((value) => ({
    operator: '$eq',
    value,
    ...(collation !== undefined && isCollatable(value.type) ? { collation } : {}),
  }));
}

function isInList(query: FilterNode, { values, collation: own }: InNode): boolean {
  const asked = valuesOf(query);
  if (asked === undefined) return false;
  return asked.every(
    ({ operator, value, collation }) =>
      operator === '$eq' &&
      (!isCollatable(value.type) || isSameCollation(own, collation)) &&
      values.some((one) => compare(one, value, collation) === 0),
  );
}

/**
 * Whether a value found by `query` also passes `wanted`. Only values of one type bracket are ever
 * compared, so both must name the same.
 */
function comparisonImplies(query: OneComparison, wanted: OneComparison): boolean {
  if (isNaNValue(query.value) || isNaNValue(wanted.value)) return false;
  if (!isSameCollation(query.collation, wanted.collation)) return false;
  const order = compare(query.value, wanted.value, query.collation);
  if (wanted.operator === '$eq') return query.operator === '$eq' && order === 0;
  const bracket = bracketOf(wanted.value.type);
  const own = bracketOf(query.value.type);
  if (bracket === undefined || own === undefined || compare(bracket.low, own.low) !== 0)
    return false;
  switch (wanted.operator) {
    case '$gt':
      return isFrom(query.operator) && (order > 0 || (order === 0 && query.operator === '$gt'));
    case '$gte':
      return isFrom(query.operator) && order >= 0;
    case '$lt':
      return isUpTo(query.operator) && (order < 0 || (order === 0 && query.operator === '$lt'));
    case '$lte':
      return isUpTo(query.operator) && order <= 0;
  }
}

function isFrom(operator: ComparisonNode['operator']): boolean {
  return operator === '$eq' || operator === '$gt' || operator === '$gte';
}

function isUpTo(operator: ComparisonNode['operator']): boolean {
  return operator === '$eq' || operator === '$lt' || operator === '$lte';
}

function compare(a: RawValue, b: RawValue, collation?: Collation): number {
  return compareValues(a.buffer, a.type, a.start, b.buffer, b.type, b.start, collation);
}

function isNaNValue({ type, buffer, start }: RawValue): boolean {
  if (type === BsonType.double) return Number.isNaN(buffer.readDoubleLE(start));
  return type === BsonType.decimal && (buffer[start + 15]! & 0x7c) === 0x7c;
}

/** The same test of the same fields, value for value. */
function isSame(a: unknown, b: unknown): boolean {
  if (Buffer.isBuffer(a) || Buffer.isBuffer(b)) return false;
  if (isRawValue(a) && isRawValue(b)) {
    return a.type === b.type && a.buffer.compare(b.buffer, b.start, b.end, a.start, a.end) === 0;
  }
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return a === b;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) =>
      isSame((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
    )
  );
}

function isRawValue(value: unknown): value is RawValue {
  return typeof value === 'object' && value !== null && 'buffer' in value && 'start' in value;
}
