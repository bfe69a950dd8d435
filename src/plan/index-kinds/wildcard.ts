/**
 * Wildcard indexes: on every path of a document, or on every path below one. To a query such an index
 * is one on each path it asks about, behind the field `$_path`.
 */
import type { IndexInfo, IndexKeyPart } from '../../../storage/index.ts';
import { BsonType, findField } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { FilterNode } from '../../query/index.ts';
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
  const asked = new Map<string, PathNode[]>();
  for (const node of predicates) {
    if (!isAnswerable(node) || hasPosition(node.path) || !hasPath(paths, node.path)) continue;
    asked.set(node.path, [...(asked.get(node.path) ?? []), node]);
  }
  const found = [...asked].map(([path, own]) => onPath(index, path, own, predicates, sort));
  if (found.length > 0) return found;
  const [first] = index.keyPattern;
  return first === undefined || isWildcardPath(first.path) ? [] : [onFields(index, predicates)];
}

/** A component that is a number may address an element of an array, whose keys have none. */
function hasPosition(path: string): boolean {
  return path.split('.').some((part) => /^\d+$/.test(part));
}

type PathNode = Extract<FilterNode, { readonly path: string }>;

/**
 * Whether what matches has a key at the path of the predicate, or below it: missing fields have none,
 * documents and arrays have none as such.
 */
function isAnswerable(node: FilterNode): node is PathNode {
  switch (node.kind) {
    case 'exists':
    case 'regex':
      return true;
    case 'comparison':
      return !withoutKey.has(node.value.type);
    case 'in':
      return node.values.every(({ type }) => !withoutKey.has(type));
    case 'elemMatchValue':
      return node.children.every((child) => child.kind !== 'exists' && isAnswerable(child));
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
  own: readonly PathNode[],
  predicates: readonly FilterNode[],
  sort: SortPaths,
): IndexCandidate {
  const isExistence = own.every(({ kind }) => kind === 'exists');
  const bounds: Intervals = isExistence ? atOrBelow(path) : [point(stringValue(path))];
  const rules: FieldRules = {
    boundsOf(node, field, isMultikey) {
      if (field.path === pathField) {
        return own.includes(node as PathNode)
          ? { path: pathField, intervals: bounds, isExact: false }
          : undefined;
      }
      if (field.path === path && !own.includes(node as PathNode)) return undefined;
      return predicateBounds(node, isMultikey);
    },
    hasOrder: ({ path: at }) => at !== pathField,
  };
  const found = candidateOf(expanded(index, path, isExistence), predicates, sort, rules);
  const at = found.bounds.index.keyPattern.findIndex((field) => field.path === pathField);
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
