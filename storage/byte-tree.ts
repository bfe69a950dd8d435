/**
 * A sorted map from bytes to bytes whose forks cost nothing: a B+ tree that copies on write.
 *
 * Invariants: a node is changed in place only by the tree whose owner token it carries; every leaf
 * but a lone root has at least one entry; `keys[i]` of a branch (i > 0) is a lower bound of its child
 * i and greater than everything in child i - 1.
 *
 * It does not rebalance after deletes: nodes vanish when empty. Keys and values are kept by
 * reference and must not be changed by anyone.
 */

import type { KeyRange, KeyValueCursor } from './engine.ts';

const maxEntries = 64;
const emptyKey = Buffer.alloc(0);

interface Leaf {
  readonly owner: object;
  readonly keys: Buffer[];
  readonly values: Buffer[];
  readonly children: undefined;
}

interface Branch {
  readonly owner: object;
  readonly keys: Buffer[];
  readonly values: undefined;
  readonly children: TreeNode[];
}

type TreeNode = Leaf | Branch;

/** Index of the first key not less than `key`. */
function lowerBound(keys: readonly Buffer[], key: Buffer): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (Buffer.compare(keys[middle]!, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the child of `branch` whose range holds `key`. */
function childIndex(branch: Branch, key: Buffer): number {
  let low = 1;
  let high = branch.keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (Buffer.compare(branch.keys[middle]!, key) <= 0) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function isEqualAt(keys: readonly Buffer[], index: number, key: Buffer): boolean {
  return index < keys.length && Buffer.compare(keys[index]!, key) === 0;
}

export class ByteTree {
  #owner: object = {};
  #root: TreeNode;
  #size: number;
  #version = 0;

  constructor() {
    this.#root = { owner: this.#owner, keys: [], values: [], children: undefined };
    this.#size = 0;
  }

  get size(): number {
    return this.#size;
  }

  /** Changes with every change of the tree, so that cursors notice. */
  get version(): number {
    return this.#version;
  }

  get root(): TreeNode {
    return this.#root;
  }

  /** A second tree with the same content; from now on both go their own way. */
  fork(): ByteTree {
    const other = new ByteTree();
    other.#root = this.#root;
    other.#size = this.#size;
    this.#owner = {};
    return other;
  }

  get(key: Buffer): Buffer | undefined {
    let node = this.#root;
    while (node.children !== undefined) node = node.children[childIndex(node, key)]!;
    const index = lowerBound(node.keys, key);
    return isEqualAt(node.keys, index, key) ? node.values[index] : undefined;
  }

  /** True if the key is new. */
  set(key: Buffer, value: Buffer): boolean {
    const before = this.#size;
    this.#version += 1;
    this.#root = this.#own(this.#root);
    const right = this.#insert(this.#root, key, value);
    if (right !== undefined) {
      this.#root = {
        owner: this.#owner,
        keys: [emptyKey, right.key],
        values: undefined,
        children: [this.#root, right.node],
      };
    }
    return this.#size !== before;
  }

  delete(key: Buffer): boolean {
    if (this.get(key) === undefined) return false;
    this.#version += 1;
    this.#size -= 1;
    this.#root = this.#own(this.#root);
    this.#remove(this.#root, key);
    while (this.#root.children?.length === 1) this.#root = this.#root.children[0]!;
    if (this.#root.children?.length === 0) {
      this.#root = { owner: this.#owner, keys: [], values: [], children: undefined };
    }
    return true;
  }

  cursor(range: KeyRange, onClose?: () => void): KeyValueCursor {
    return new ByteTreeCursor(this, range, onClose);
  }

  #own(node: TreeNode): TreeNode {
    if (node.owner === this.#owner) return node;
    return node.children === undefined
      ? {
          owner: this.#owner,
          keys: node.keys.slice(),
          values: node.values.slice(),
          children: undefined,
        }
      : {
          owner: this.#owner,
          keys: node.keys.slice(),
          values: undefined,
          children: node.children.slice(),
        };
  }

  /** `node` is owned. Returns the right half when it had to split. */
  #insert(node: TreeNode, key: Buffer, value: Buffer): { key: Buffer; node: TreeNode } | undefined {
    if (node.children === undefined) {
      const index = lowerBound(node.keys, key);
      if (isEqualAt(node.keys, index, key)) {
        node.values[index] = value;
        return undefined;
      }
      node.keys.splice(index, 0, key);
      node.values.splice(index, 0, value);
      this.#size += 1;
      if (node.keys.length <= maxEntries) return undefined;
      // Splitting at the end keeps leaves full when keys arrive in order.
      const at = index === maxEntries ? maxEntries : maxEntries >>> 1;
      const keys = node.keys.splice(at);
      const values = node.values.splice(at);
      return { key: keys[0]!, node: { owner: this.#owner, keys, values, children: undefined } };
    }
    const index = childIndex(node, key);
    const child = this.#own(node.children[index]!);
    node.children[index] = child;
    const right = this.#insert(child, key, value);
    if (right === undefined) return undefined;
    node.keys.splice(index + 1, 0, right.key);
    node.children.splice(index + 1, 0, right.node);
    if (node.keys.length <= maxEntries) return undefined;
    const at = index + 1 === maxEntries ? maxEntries : maxEntries >>> 1;
    const keys = node.keys.splice(at);
    const children = node.children.splice(at);
    return { key: keys[0]!, node: { owner: this.#owner, keys, values: undefined, children } };
  }

  /** `node` is owned and holds `key`. */
  #remove(node: TreeNode, key: Buffer): void {
    if (node.children === undefined) {
      const index = lowerBound(node.keys, key);
      node.keys.splice(index, 1);
      node.values.splice(index, 1);
      return;
    }
    const index = childIndex(node, key);
    const child = this.#own(node.children[index]!);
    node.children[index] = child;
    this.#remove(child, key);
    if (child.keys.length === 0) {
      node.keys.splice(index, 1);
      node.children.splice(index, 1);
    }
  }
}

/**
 * Survives changes of its tree: after one it looks its place up again by the last key, so entries
 * inserted ahead are seen and removed ones are not.
 */
class ByteTreeCursor implements KeyValueCursor {
  readonly #tree: ByteTree;
  readonly #range: KeyRange;
  readonly #onClose: (() => void) | undefined;
  #leaf: Leaf | undefined;
  #index = 0;
  #version = -1;
  /** Where to look next: the last key returned, or the start of the range, or the sought key. */
  #from: Buffer | undefined;
  #includesFrom: boolean;
  #hasEnded = false;
  #isClosed = false;
  key: Buffer = emptyKey;
  value: Buffer = emptyKey;

  constructor(tree: ByteTree, range: KeyRange, onClose: (() => void) | undefined) {
    this.#tree = tree;
    this.#range = range;
    this.#onClose = onClose;
    this.#from = range.reverse ? range.upper : range.lower;
    this.#includesFrom = !range.reverse;
  }

  next(): boolean {
    if (this.#isClosed || this.#hasEnded) return false;
    if (!this.#step()) return this.#end();
    const leaf = this.#leaf!;
    const key = leaf.keys[this.#index]!;
    const { lower, upper, reverse } = this.#range;
    const isOutside = reverse
      ? lower !== undefined && Buffer.compare(key, lower) < 0
      : upper !== undefined && Buffer.compare(key, upper) >= 0;
    if (isOutside) return this.#end();
    this.key = key;
    this.value = leaf.values[this.#index]!;
    this.#from = key;
    this.#includesFrom = false;
    return true;
  }

  seek(key: Buffer): void {
    const { lower, upper, reverse } = this.#range;
    this.#hasEnded = false;
    this.#version = -1;
    this.#from = Buffer.from(key);
    this.#includesFrom = true;
    if (!reverse && lower !== undefined && Buffer.compare(key, lower) < 0) this.#from = lower;
    if (reverse && upper !== undefined && Buffer.compare(key, upper) >= 0) {
      this.#from = upper;
      this.#includesFrom = false;
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#leaf = undefined;
    this.#onClose?.();
  }

  #end(): false {
    this.#hasEnded = true;
    this.#leaf = undefined;
    return false;
  }

  #step(): boolean {
    if (this.#version === this.#tree.version && this.#leaf !== undefined) {
      this.#index += this.#range.reverse ? -1 : 1;
      if (this.#index >= 0 && this.#index < this.#leaf.keys.length) return true;
    }
    this.#version = this.#tree.version;
    return this.#range.reverse ? this.#last(this.#tree.root) : this.#first(this.#tree.root);
  }

  /** Finds the first entry at or after `#from` below `node`. */
  #first(node: TreeNode): boolean {
    const from = this.#from;
    if (node.children === undefined) {
      let index = from === undefined ? 0 : lowerBound(node.keys, from);
      if (!this.#includesFrom && from !== undefined && isEqualAt(node.keys, index, from))
        index += 1;
      this.#leaf = node;
      this.#index = index;
      return index < node.keys.length;
    }
    const start = from === undefined ? 0 : childIndex(node, from);
    for (let i = start; i < node.children.length; i += 1) {
      if (this.#first(node.children[i]!)) return true;
    }
    return false;
  }

  /** Finds the last entry at or before `#from` below `node`. */
  #last(node: TreeNode): boolean {
    const from = this.#from;
    if (node.children === undefined) {
      let index = node.keys.length;
      if (from !== undefined) {
        index = lowerBound(node.keys, from);
        if (this.#includesFrom && isEqualAt(node.keys, index, from)) index += 1;
      }
      this.#leaf = node;
      this.#index = index - 1;
      return index > 0;
    }
    const start = from === undefined ? node.children.length - 1 : childIndex(node, from);
    for (let i = start; i >= 0; i -= 1) {
      if (this.#last(node.children[i]!)) return true;
    }
    return false;
  }
}
