/** Which paths a wildcard index has: below its own, and as its `wildcardProjection` says. */
import { BsonType, decodeValue, ElementReader, type RawValue } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';

/** A field and those below it. At a leaf everything below is meant. */
export interface PathTree {
  readonly children: Map<string, PathTree>;
}

export interface WildcardPaths {
  /** `include`: what the tree names and nothing else; `exclude`: everything else. */
  readonly mode: 'include' | 'exclude';
  readonly tree: PathTree;
}

const prefix = 'Failed to parse projection: wildcardProjection :: caused by :: ';

function refused(code: number, message: string): MongoServerError {
  return new MongoServerError(code, prefix + message);
}

function newTree(): PathTree {
  return { children: new Map() };
}

function isLeaf({ children }: PathTree): boolean {
  return children.size === 0;
}

/** Of `$**` with or without a projection, or of `path.$**`. `_id` takes part when it is named only. */
export function wildcardPaths(wildcard: string, projection: RawValue | undefined): WildcardPaths {
  if (wildcard !== '$**') {
    const tree = newTree();
    addPath(tree, wildcard.slice(0, -'.$**'.length));
    return { mode: 'include', tree };
  }
  const rules = projection === undefined ? [] : rulesOf(projection, '');
  const named = rules.filter(({ path }) => path !== '_id');
  const id = rules.find(({ path }) => path === '_id');
  const isIncluding = (named[0] ?? id)?.includes === true;
  const mode = isIncluding ? 'include' : 'exclude';
  const tree = newTree();
  for (const { path } of named) addPath(tree, path);
  for (const { path, includes } of named) {
    if (includes !== isIncluding) {
      throw isIncluding
        ? refused(31254, `Cannot do exclusion on field ${path} in inclusion projection`)
        : refused(31253, `Cannot do inclusion on field ${path} in exclusion projection`);
    }
  }
  if ((id?.includes === true) === isIncluding) addPath(tree, '_id');
  return { mode, tree };
}

interface Rule {
  readonly path: string;
  readonly includes: boolean;
}

function rulesOf(projection: RawValue, above: string): Rule[] {
  const rules: Rule[] = [];
  const reader = new ElementReader(projection.buffer, projection.start);
  while (reader.next()) {
    const path = above + reader.name();
    const value = reader.value();
    if (value.type === BsonType.object) rules.push(...rulesOf(value, `${path}.`));
    else {
      const given = decodeValue(value);
      if (typeof given !== 'boolean' && !isNumber(value.type)) {
        throw refused(51271, 'Bad projection specification, cannot use computed fields here');
      }
      rules.push({ path, includes: Boolean(typeof given === 'boolean' ? given : Number(given)) });
    }
  }
  return rules;
}

function isNumber(type: number): boolean {
  return (
    type === BsonType.int ||
    type === BsonType.long ||
    type === BsonType.double ||
    type === BsonType.decimal
  );
}

function addPath(root: PathTree, path: string): void {
  let node = root;
  const parts = path.split('.');
  for (const [at, part] of parts.entries()) {
    let child = node.children.get(part);
    const isLast = at === parts.length - 1;
    if (child !== undefined && isLast) throw refused(31250, `Path collision at ${path}`);
    if (child !== undefined && isLeaf(child)) {
      const rest = parts.slice(at + 1).join('.');
      throw refused(31249, `Path collision at ${path} remaining portion ${rest}`);
    }
    if (child === undefined) {
      child = newTree();
      node.children.set(part, child);
    }
    node = child;
  }
}

/** What to do with one field of a document: all below it, nothing, or what its own tree says. */
export function ruleBelow(
  { mode, tree }: WildcardPaths,
  name: string,
): 'all' | 'nothing' | WildcardPaths {
  const child = tree.children.get(name);
  if (child === undefined) return mode === 'include' ? 'nothing' : 'all';
  if (isLeaf(child)) return mode === 'include' ? 'all' : 'nothing';
  return { mode, tree: child };
}

/** Whether every value at `path` has its key. */
export function hasPath(paths: WildcardPaths, path: string): boolean {
  let current = paths;
  for (const part of path.split('.')) {
    const rule = ruleBelow(current, part);
    if (rule === 'all') return true;
    if (rule === 'nothing') return false;
    current = rule;
  }
  return current.mode === 'exclude';
}
