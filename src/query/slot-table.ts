import { BsonType, valueEnd } from '../bson/index.ts';
import { missingType } from './filter-node.ts';
import { type Path, parsePath } from './path.ts';

/** In place of a type: the path met an array before its end; only the exact walk knows its values. */
export const arrayOnPath = 250;

class NameNode {
  readonly bytes: Buffer;
  slot = -1;
  readonly children: NameNode[] = [];
  /** Slots of the paths that go on below this name. */
  readonly below: number[] = [];
  /** 1 for each first byte a child's name has (0 for the empty name). */
  readonly firstBytes = new Uint8Array(256);
  /** The walk this name was last found in: of two fields with one name the first counts. */
  seen = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }
}

/**
 * Finds the values of many paths in one pass over a document.
 *
 * Each path has a slot: its value's type and position in `types` and `starts`. The pass enters only
 * the subdocuments on a path and ends as soon as everything is found. `types[slot]` is `missingType`
 * when there is no value and `arrayOnPath` when an array stands in the middle of the path.
 */
export class SlotTable {
  types = new Uint8Array(0);
  starts = new Int32Array(0);
  readonly paths: Path[] = [];
  readonly #slots = new Map<string, number>();
  readonly #root = new NameNode(Buffer.alloc(0));
  #walk = 0;

  /** The slot of the path, a new one if need be. All slots are made before the first `fill`. */
  slotOf(path: string): number {
    const known = this.#slots.get(path);
    if (known !== undefined) return known;
    const slot = this.paths.length;
    this.#slots.set(path, slot);
    const parts = parsePath(path);
    this.paths.push(parts);
    this.types = new Uint8Array(slot + 1);
    this.starts = new Int32Array(slot + 1);
    let node = this.#root;
    for (let at = 0; at < parts.length; at++) {
      if (at > 0) node.below.push(slot);
      const { bytes } = parts[at]!;
      let child = node.children.find((one) => one.bytes.equals(bytes));
      if (child === undefined) {
        child = new NameNode(bytes);
        node.children.push(child);
        node.firstBytes[bytes[0] ?? 0] = 1;
      }
      node = child;
    }
    node.slot = slot;
    return slot;
  }

  fill(buffer: Buffer, document: number): void {
    const { types } = this;
    for (let slot = 0; slot < types.length; slot++) types[slot] = missingType;
    this.#fillFrom(this.#root, buffer, document);
  }

  #fillFrom(node: NameNode, buffer: Buffer, document: number): void {
    const walk = ++this.#walk;
    const { firstBytes, children } = node;
    let remaining = children.length;
    let at = document + 4;
    for (;;) {
      const type = buffer[at]!;
      if (!(type > 0)) return;
      const nameStart = at + 1;
      let child: NameNode | undefined;
      let start: number;
      if (firstBytes[buffer[nameStart]!] === 1) {
        start = nameStart;
        while (buffer[start]! > 0) start++;
        child = findChild(children, buffer, nameStart, start - nameStart);
      } else {
        start = nameStart;
        while (buffer[start]! > 0) start++;
      }
      start++;
      if (child !== undefined && child.seen !== walk) {
        child.seen = walk;
        this.#found(child, buffer, type, start);
        if (--remaining === 0) return;
      }
      at = valueEnd(buffer, type, start);
    }
  }

  #found(node: NameNode, buffer: Buffer, type: number, start: number): void {
    const { slot, below } = node;
    if (slot >= 0) {
      this.types[slot] = type;
      this.starts[slot] = start;
    }
    if (below.length === 0) return;
    if (type === BsonType.object) this.#fillFrom(node, buffer, start);
    else if (type === BsonType.array) {
      for (let i = 0; i < below.length; i++) this.types[below[i]!] = arrayOnPath;
    }
  }
}

function findChild(
  children: readonly NameNode[],
  buffer: Buffer,
  nameStart: number,
  length: number,
): NameNode | undefined {
  for (let i = 0; i < children.length; i++) {
    const child = children[i]!;
    const { bytes } = child;
    if (bytes.length !== length) continue;
    let j = 0;
    while (j < length && buffer[nameStart + j] === bytes[j]) j++;
    if (j === length) return child;
  }
  return undefined;
}
