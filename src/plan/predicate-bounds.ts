/**
 * From a predicate to the index keys that its matches can have. The bounds may be too wide, never too
 * narrow; `isExact` says when they are neither.
 */
import { BsonType, ElementReader, type RawValue } from '../bson/index.ts';
import type { ComparisonOperator, FilterNode, RegexNode } from '../query/index.ts';
import {
  allValues,
  bracketOf,
  complement,
  type Interval,
  type Intervals,
  intersect,
  interval,
  nan,
  nullValue,
  point,
  stringValue,
  union,
  unlessEmpty,
} from './interval.ts';

/** Which keys of an index on `path` the documents that match a predicate can have. */
export interface PredicateBounds {
  readonly path: string;
  readonly intervals: Intervals;
  /** In an index without arrays: whoever has a key in the intervals matches the predicate. */
  readonly isExact: boolean;
}

/** The predicates that must all hold: the children of nested `$and`s. */
export function conjunctsOf(root: FilterNode): FilterNode[] {
  const found: FilterNode[] = [];
  addConjuncts(root, found);
  return found;
}

function addConjuncts(node: FilterNode, found: FilterNode[]): void {
  if (node.kind !== 'and') found.push(node);
  else for (const child of node.children) addConjuncts(child, found);
}

/**
 * The bounds of a predicate on one path; undefined when it has none. `isMultikey`: an index in which
 * one document may have several keys. There a predicate and its negation may hold for the same keys,
 * so negations of null get no bounds.
 */
export function predicateBounds(
  node: FilterNode,
  isMultikey: boolean,
): PredicateBounds | undefined {
  switch (node.kind) {
    case 'comparison': {
      const found = comparisonBounds(node.operator, node.value);
      return found && { path: node.path, ...found };
    }
    case 'in': {
      const lists: Intervals[] = [];
      let isExact = true;
      for (const value of node.values) {
        const found = equalityBounds(value);
        lists.push(found.intervals);
        isExact &&= found.isExact;
      }
      for (const regex of node.regexes) {
        lists.push(regexBounds(regex));
        isExact = false;
      }
      return { path: node.path, intervals: union(lists), isExact };
    }
    case 'regex':
      return {
        path: node.path,
        intervals: regexBounds(node),
        isExact: node.prefix !== undefined && node.prefixIsExact,
      };
    case 'not':
      return negationBounds(node.child, isMultikey);
    case 'elemMatchValue': {
      // The element of an array that is itself an array has its key as a whole.
      if (endsInPosition(node.path)) return undefined;
      // One element for all children: their bounds may be intersected even here.
      let intervals: Intervals | undefined;
      for (const child of node.children) {
        // Of an element that is itself an array it looks at the elements, which have no keys.
        if (child.kind === 'elemMatchValue') continue;
        const found = predicateBounds(child, isMultikey);
        if (found === undefined) continue;
        intervals =
          intervals === undefined ? found.intervals : intersect(intervals, found.intervals);
      }
      return intervals && { path: node.path, intervals, isExact: false };
    }
    default:
      return undefined;
  }
}

function endsInPosition(path: string): boolean {
  return /\.[0-9]+$/.test(path);
}

/**
 * What `$expr` says about the values at a path: comparisons over all types, as expressions compare. Only
 * for an index whose keys are the values themselves, arrays not expanded.
 */
export function impliedBounds(node: FilterNode, path: string): Intervals | undefined {
  if (node.kind !== 'expr') return undefined;
  let intervals: Intervals | undefined;
  for (const { path: compared, operator, value } of node.implied) {
    if (compared !== path) continue;
    const found = [totalOrderInterval(operator, value)];
    intervals = intervals === undefined ? found : intersect(intervals, found);
  }
  return intervals;
}

function totalOrderInterval(operator: ComparisonOperator, value: RawValue): Interval {
  const { low, high } = allValues;
  switch (operator) {
    case '$eq':
      return point(value);
    case '$gt':
    case '$gte':
      return interval(value, operator === '$gte', high, true);
    case '$lt':
    case '$lte':
      return interval(low, true, value, operator === '$lte');
  }
}

type Bounds = Omit<PredicateBounds, 'path'>;

/** All other keys: right if whoever has a key in the bounds matches the negated predicate. */
function negationBounds(child: FilterNode, isMultikey: boolean): PredicateBounds | undefined {
  if (child.kind === 'exists') {
    return { path: child.path, intervals: [point(nullValue)], isExact: false };
  }
  const inner = predicateBounds(child, isMultikey);
  if (inner === undefined) return undefined;
  const isNull =
    child.kind === 'comparison' &&
    child.operator === '$eq' &&
    child.value.type === BsonType.null &&
    !isMultikey;
  if (!inner.isExact && !isNull) return undefined;
  return { path: inner.path, intervals: complement(inner.intervals), isExact: inner.isExact };
}

function comparisonBounds(operator: ComparisonOperator, value: RawValue): Bounds | undefined {
  return operator === '$eq' ? equalityBounds(value) : rangeBounds(operator, value);
}

function equalityBounds(value: RawValue): Bounds {
  if (value.type === BsonType.null) return { intervals: [point(nullValue)], isExact: false };
  if (value.type === BsonType.array) {
    // As a whole inside another array, or by its first element as the array itself.
    const reader = new ElementReader(value.buffer, value.start);
    if (!reader.next()) return undefinedOr(value);
    return { intervals: union([[point(value)], [point(reader.value())]]), isExact: false };
  }
  return { intervals: [point(value)], isExact: true };
}

/** An empty array has the key undefined. */
function undefinedOr(value: RawValue): Bounds {
  const missing: RawValue = { ...nullValue, type: BsonType.undefined };
  return {
    intervals: union([[point(missing)], [point(nullValue)], [point(value)]]),
    isExact: false,
  };
}

function rangeBounds(
  operator: '$gt' | '$gte' | '$lt' | '$lte',
  value: RawValue,
): Bounds | undefined {
  const isInclusive = operator === '$gte' || operator === '$lte';
  if (value.type === BsonType.null) {
    return isInclusive ? equalityBounds(value) : { intervals: [], isExact: true };
  }
  if (isNaNValue(value)) {
    return { intervals: isInclusive ? [point(nan)] : [], isExact: true };
  }
  // An array is compared as a whole, but the index has its elements.
  if (value.type === BsonType.array) return undefined;
  const bracket = bracketOf(value.type);
  if (bracket === undefined) return undefined;
  const range =
    operator === '$gt' || operator === '$gte'
      ? interval(value, isInclusive, bracket.high, bracket.highInclusive)
      : interval(bracket.low, bracket.lowInclusive, value, isInclusive);
  // The value is one of its bracket, so the range is within it.
  return { intervals: unlessEmpty(range), isExact: true };
}

function isNaNValue(value: RawValue): boolean {
  if (value.type === BsonType.double) return Number.isNaN(value.buffer.readDoubleLE(value.start));
  if (value.type !== BsonType.decimal) return false;
  return (value.buffer[value.start + 15]! & 0x7c) === 0x7c;
}

/** Strings with the literal beginning of the expression, and the expression itself as a value. */
function regexBounds({ pattern, options, prefix }: RegexNode): Intervals {
  const itself = Buffer.from(`${pattern}\0${options}\0`);
  const same = point({ buffer: itself, type: BsonType.regex, start: 0, end: itself.length });
  const strings =
    prefix === undefined || prefix === ''
      ? bracketOf(BsonType.string)!
      : interval(stringValue(prefix), true, stringValue(successor(prefix)), false);
  return [strings, same];
}

/** The least string greater than all that start with `prefix`. */
function successor(prefix: string): string {
  const letters = [...prefix];
  const last = letters.pop()!.codePointAt(0)! + 1;
  const next = last === 0xd800 ? 0xe000 : last;
  return letters.join('') + (next > 0x10ffff ? '\u{10ffff}\u{10ffff}' : String.fromCodePoint(next));
}
