/**
 * Wildcard indexes: on every path of a document, or on every path below one. To a query such an index
 * is one on each path it asks about, behind the field `$_path`.
 */
import type { IndexInfo, IndexKeyPart } from '../../../storage/index.ts';
import {
  BsonType,
  ElementReader,
  encodeDocument,
  findField,
  type RawValue,
} from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { Filter, type FilterNode } from '../../query/index.ts';
import { type Intervals, interval, point, stringValue } from '../interval.ts';
import { predicateBounds } from '../predicate-bounds.ts';
import { candidateOf, type FieldRules } from './candidate.ts';
import type { IndexCandidate, IndexKind, SortPaths } from './index-kind.ts';
import { isWildcardPath, wildcardKeys } from './wildcard-keys.ts';
import { hasPath, type WildcardPaths, wildcardPaths } from './wildcard-projection.ts';

export const wildcardIndex: IndexKind = {
  name: 'wildcard',
  hasTimeToLive: false,
  paths(keyPattern) {
    if (keyPattern.some(({ path }) => path === '$**')) return undefined;
    return keyPattern.map(({ path }) => (isWildcardPath(path) ? path.slice(0, -4) : path));
  },
  check({ keyPattern, spec, isUnique, isSparse, expireAfterSeconds }) {
    if (isSparse) throw notSupported('sparse');
    if (isUnique) throw notSupported('unique');
    if (expireAfterSeconds !== undefined) throw notSupported('expireAfterSeconds');
    const paths = pathsOf(keyPattern, spec);
    const overlapping = keyPattern.find(
      ({ path }) => !isWildcardPath(path) && hasPath(paths, path),
    );
    if (overlapping !== undefined) {
      throw new MongoServerError(
        7246209,
        `The field '${overlapping.path}' of a compound wildcard index must be excluded by its wildcardProjection`,
      );
    }
  },
  keyGenerator: (index) => wildcardKeys(index, pathsOf(index.keyPattern, index.spec)),
  candidates,
};

function notSupported(option: string): MongoServerError {
  return new MongoServerError(
    'CannotCreateIndex',
    `Index type 'wildcard' does not support the '${option}' option`,
  );
}

const known = new WeakMap<Buffer, WildcardPaths>();

function pathsOf(keyPattern: readonly IndexKeyPart[], spec: Buffer): WildcardPaths {
  let paths = known.get(spec);
  if (paths === undefined) {
    const wildcard = keyPattern.find(({ path }) => isWildcardPath(path))?.path ?? '$**';
    paths = wildcardPaths(wildcard, findField(spec, 0, 'wildcardProjection'));
    known.set(spec, paths);
  }
  return paths;
}

function candidates(
  index: IndexInfo,
  predicates: readonly FilterNode[],
  sort: SortPaths,
): readonly IndexCandidate[] {
  const paths = pathsOf(index.keyPattern, index.spec);
  const asked = new Map<string, FilterNode[]>();
  for (const node of predicates) {
    const path = answeredPath(node);
    if (path === undefined || !hasPath(paths, path)) continue;
    asked.set(path, [...(asked.get(path) ?? []), node]);
  }
  const found = [...asked].map(([path, own]) => onPath(index, path, own, predicates, sort));
  if (found.length > 0) return found;
  const [first] = index.keyPattern;
  return first === undefined || isWildcardPath(first.path) ? [] : [onFields(index, predicates)];
}

/** The path by whose keys the matches of a predicate are found; undefined when they may have none. */
function answeredPath(node: FilterNode): string | undefined {
  if (isAnswerable(node) && !hasPosition(node.path)) return node.path;
  const path = existingPath(node);
  if (path === undefined) return undefined;
  const parts = path.split('.');
  const at = parts.findIndex(isPosition);
  return parts.slice(0, at < 0 ? parts.length : at).join('.');
}

/** A component that is a number may address an element of an array, whose keys have none. */
function isPosition(part: string, at: number): boolean {
  return at > 0 && /^\d+$/.test(part);
}

function hasPosition(path: string): boolean {
  return path.split('.').some(isPosition);
}

/**
 * The path at which there must be something, whatever it is. A negation holds also for a path that
 * ends in an empty array. MongoDB has no use of these indexes for equality to documents and arrays.
 */
function existingPath(node: FilterNode): string | undefined {
  const test = node.kind === 'not' ? node.child : node;
  if (!('path' in test) || (node !== test && test.path.includes('.'))) return undefined;
  const values = test.kind === 'comparison' ? [test.value] : test.kind === 'in' ? test.values : [];
  if (values.some(holdsValues)) return undefined;
  return new Filter(node).matches(emptyDocument, 0) ? undefined : test.path;
}

const emptyDocument = encodeDocument({});

function holdsValues({ buffer, type, start }: RawValue): boolean {
  const isNested = type === BsonType.object || type === BsonType.array;
  return isNested && new ElementReader(buffer, start).next();
}

type PathNode = Extract<FilterNode, { readonly path: string }>;

/**
 * Whether what matches has a key at the path of the predicate, with a value in its bounds: missing
 * fields have none, documents and arrays have none as such.
 */
function isAnswerable(node: FilterNode): node is PathNode {
  switch (node.kind) {
    case 'regex':
      return true;
    case 'comparison':
      return !withoutKey.has(node.value.type);
    case 'in':
      return node.values.every(({ type }) => !withoutKey.has(type));
    case 'elemMatchValue':
      return node.children.every((child) => isAnswerable(child));
    default:
      return false;
  }
}

const withoutKey: ReadonlySet<number> = new Set([
  BsonType.null,
  BsonType.undefined,
  BsonType.object,
  BsonType.array,
  BsonType.minKey,
  BsonType.maxKey,
]);

const pathField = '$_path';

/** The index as one on `path`, which the predicates `own` are about. */
function onPath(
  index: IndexInfo,
  path: string,
  own: readonly FilterNode[],
  predicates: readonly FilterNode[],
  sort: SortPaths,
): IndexCandidate {
  const valued = own.filter((node) => isAnswerable(node) && node.path === path);
  const isExistence = valued.length === 0;
  const bounds: Intervals = isExistence ? atOrBelow(path) : [point(stringValue(path))];
  const rules: FieldRules = {
    boundsOf(node, field, isMultikey) {
      if (field.path === pathField) {
        return own.includes(node)
          ? { path: pathField, intervals: bounds, isExact: false }
          : undefined;
      }
      if (field.path === path && !valued.includes(node)) return undefined;
      return predicateBounds(node, isMultikey);
    },
    hasOrder: ({ path: at }) => at !== pathField,
  };
  const asIndex = (hasMany: boolean) =>
    candidateOf(expanded(index, path, hasMany), predicates, sort, rules);
  let found = asIndex(isExistence);
  const at = found.bounds.index.keyPattern.findIndex((field) => field.path === pathField);
  // Behind a field that has a range, or none, the scan also meets the keys of other paths.
  if (!isExistence && found.points <= at) found = asIndex(true);
  return {
    ...found,
    // The path is no value the client asked for.
    points: found.points - Number(found.points > at),
    bounded: found.bounded - Number(found.bounded > at),
    findsExisting: isExistence && found.bounded > at,
  };
}

/** The index as one on the fields in front of the wildcard: every document has a key there. */
function onFields(index: IndexInfo, predicates: readonly FilterNode[]): IndexCandidate {
  const whole = expanded(index, '$**', true);
  const rules: FieldRules = {
    boundsOf: (node, { path }, isMultikey) =>
      path === pathField || isWildcardPath(path) ? undefined : predicateBounds(node, isMultikey),
    hasOrder: ({ path }) => path !== pathField && !isWildcardPath(path),
  };
  return candidateOf(whole, predicates, [], rules);
}

/** `path` itself and what is below it: from "a." to "a/", which follows the dot. */
function atOrBelow(path: string): Intervals {
  const below = interval(stringValue(`${path}.`), true, stringValue(`${path}/`), false);
  return [point(stringValue(path)), below];
}

/** With the two fields the wildcard has in the keys. `hasMany`: a document may be met several times. */
function expanded(index: IndexInfo, path: string, hasMany: boolean): IndexInfo {
  const keyPattern: IndexKeyPart[] = [];
  const multikeyPaths: boolean[] = [];
  index.keyPattern.forEach((part, at) => {
    const isMultikey = index.multikeyPaths[at] === true;
    if (!isWildcardPath(part.path)) {
      keyPattern.push(part);
      multikeyPaths.push(isMultikey);
      return;
    }
    keyPattern.push({ path: pathField, direction: 1 }, { path, direction: part.direction });
    multikeyPaths.push(false, isMultikey || hasMany);
  });
  return { ...index, keyPattern, multikeyPaths };
}
