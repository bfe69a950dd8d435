/** The modifiers of one update as a tree by path components, so that one pass applies them all. */
import { MongoServerError } from '../../errors/index.ts';
import { arrayIndexOf } from '../path.ts';
import type { Modifier } from './modifier.ts';

/** Modifiers by the components of their paths; `$`, `$[]` and `$[id]` are components like others. */
export type UpdateNode = UpdateBranch | UpdateLeaf;

export interface UpdateBranch {
  readonly kind: 'branch';
  /** In the order in which missing fields are created. */
  readonly children: Map<string, UpdateNode>;
}

export interface UpdateLeaf {
  readonly kind: 'leaf';
  readonly modifier: Modifier;
}

export function branch(): UpdateBranch {
  return { kind: 'branch', children: new Map() };
}

function conflict(path: string, at: string): MongoServerError {
  return new MongoServerError(
    'ConflictingUpdateOperators',
    `Updating the path '${path}' would create a conflict at '${at}'`,
  );
}

/** Adds a modifier; two at one path, or one inside the other, are a conflict (40). */
export function addModifier(root: UpdateBranch, path: string, modifier: Modifier): void {
  const parts = path.split('.');
  const upTo = (count: number): string => parts.slice(0, count).join('.');
  let node = root;
  for (const [at, name] of parts.entries()) {
    const child = node.children.get(name);
    if (child === undefined && mixesArrayPaths(node, name)) throw conflict(path, upTo(at));
    if (at === parts.length - 1) {
      if (child !== undefined) throw conflict(path, path);
      node.children.set(name, { kind: 'leaf', modifier });
    } else if (child === undefined) {
      const next = branch();
      node.children.set(name, next);
      node = next;
    } else if (child.kind === 'leaf') throw conflict(path, upTo(at + 1));
    else node = child;
  }
}

function isFiltered(name: string): boolean {
  return name.startsWith('$[');
}

/** `a.$[]` and `a.0` at once. Those that are there are alike: one tells of all. */
function mixesArrayPaths(node: UpdateBranch, name: string): boolean {
  for (const other of node.children.keys()) return isFiltered(other) !== isFiltered(name);
  return false;
}

/** Field names in the order new fields get: numbers by value, the rest by code points. */
function compareNames(a: string, b: string): number {
  const x = arrayIndexOf(a);
  const y = arrayIndexOf(b);
  if (x >= 0 && y >= 0) return x - y;
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** Puts the children of all branches in order, once everything is added. */
export function sortChildren(node: UpdateBranch): void {
  const sorted = [...node.children].sort(([a], [b]) => compareNames(a, b));
  node.children.clear();
  for (const [name, child] of sorted) {
    node.children.set(name, child);
    if (child.kind === 'branch') sortChildren(child);
  }
}

/** Several nodes that apply to one array element as one; modifiers at one path are a conflict. */
export function mergeNodes(nodes: readonly UpdateNode[], path: string): UpdateNode {
  if (nodes.length === 1) return nodes[0]!;
  const merged = branch();
  for (const node of nodes) {
    if (node.kind === 'leaf') throw conflict(path, path);
    for (const [name, child] of node.children) {
      const other = merged.children.get(name);
      merged.children.set(
        name,
        other === undefined ? child : mergeNodes([other, child], `${path}.${name}`),
      );
    }
  }
  return merged;
}

/** Whether a modifier below may create fields, so that a scalar in the way is an error. */
/** True when something that is not a document in the way is an error for what is below. */
export function mustReach(node: UpdateNode): boolean {
  if (node.kind === 'leaf') return node.modifier.creates || node.modifier.mustReach === true;
  for (const child of node.children.values()) if (mustReach(child)) return true;
  return false;
}

export function createsFields(node: UpdateNode): boolean {
  if (node.kind === 'leaf') return node.modifier.creates;
  for (const child of node.children.values()) if (createsFields(child)) return true;
  return false;
}
