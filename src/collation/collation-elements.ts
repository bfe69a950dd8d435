/**
 * Text as collation elements (UTS #10, section 7): characters are decomposed, the longest contraction
 * is taken, over combining marks that do not block it too, and a character that no table knows gets a
 * primary from its code point.
 */
import type { RootData } from './locale-tables.ts';
import { appendNumber } from './numeric-elements.ts';
import {
  type ContractionNode,
  commonWeights,
  type Elements,
  entryCount,
  entryOffset,
  type PrefixEntry,
  type WeightTable,
} from './weight-table.ts';

/** Elements in a row, in space that grows and is used again. */
export class ElementList {
  primaries = new Uint32Array(256);
  lowers = new Uint32Array(256);
  length = 0;

  add(primary: number, lower: number): void {
    if (this.length === this.primaries.length) this.#grow();
    this.primaries[this.length] = primary;
    this.lowers[this.length++] = lower;
  }

  addAll(elements: Elements, from: number, count: number): void {
    for (let at = from; at < from + count * 2; at += 2) this.add(elements[at]!, elements[at + 1]!);
  }

  #grow(): void {
    const primaries = new Uint32Array(this.length * 2);
    const lowers = new Uint32Array(this.length * 2);
    primaries.set(this.primaries);
    lowers.set(this.lowers);
    this.primaries = primaries;
    this.lowers = lowers;
  }
}

/** The elements of texts in one locale. */
export class ElementSource {
  readonly #root: RootData;
  readonly #tailoring: WeightTable;
  readonly #isNumeric: boolean;
  readonly #contractions: ReadonlyMap<number, ContractionNode>;
  readonly #prefixes: ReadonlyMap<number, readonly PrefixEntry[]>;
  /** Characters that have neither contractions nor prefixes nor a value: one look tells. */
  readonly #isPlain = new Uint8Array(128);

  constructor(root: RootData, tailoring: WeightTable, isNumeric: boolean) {
    this.#root = root;
    this.#tailoring = tailoring;
    this.#isNumeric = isNumeric;
    this.#contractions = new Map([...root.weights.contractions, ...tailoring.contractions]);
    this.#prefixes = new Map([...root.weights.prefixes, ...tailoring.prefixes]);
    for (let c = 0; c < 128; c++) {
      const isPlain =
        !this.#contractions.has(c) &&
        !this.#prefixes.has(c) &&
        !(isNumeric && c >= 0x30 && c <= 0x39);
      this.#isPlain[c] = isPlain ? 1 : 0;
    }
  }

  /**
   * The primary of each ASCII character that has one element, whatever stands around it; 0 for the
   * others, and for those without a primary.
   */
  plainPrimaries(): Uint32Array {
    const primaries = new Uint32Array(128);
    const list = new ElementList();
    for (let c = 0; c < 128; c++) {
      if (this.#isPlain[c] !== 1) continue;
      list.length = 0;
      this.#single(c, list);
      if (list.length === 1) primaries[c] = list.primaries[0]!;
    }
    return primaries;
  }

  /** Appends the elements of decomposed text; `codePoints` may be changed. */
  append(codePoints: number[], into: ElementList): void {
    let at = 0;
    while (at < codePoints.length) {
      const codePoint = codePoints[at]!;
      if (codePoint < 128 && this.#isPlain[codePoint] === 1) {
        this.#single(codePoint, into);
        at++;
      } else at = this.#next(codePoints, at, into);
    }
  }

  /** Appends the elements of what starts at `at`, and tells where the next starts. */
  #next(codePoints: number[], at: number, into: ElementList): number {
    const codePoint = codePoints[at]!;
    if (this.#isNumeric && this.#digit(codePoint) >= 0) {
      const digits: number[] = [];
      let end = at;
      while (end < codePoints.length) {
        const digit = this.#digit(codePoints[end]!);
        if (digit < 0) break;
        digits.push(digit);
        end++;
      }
      appendNumber(digits, this.#root.numericLead, into);
      return end;
    }
    const prefixed = this.#prefixes.get(codePoint)?.find(({ before }) => {
      const start = at - before.length;
      return start >= 0 && before.every((one, i) => codePoints[start + i] === one);
    });
    if (prefixed !== undefined) {
      into.addAll(prefixed.elements, 0, prefixed.elements.length / 2);
      return at + 1;
    }
    const root = this.#contractions.get(codePoint);
    if (root !== undefined) return this.#contraction(root, codePoints, at, into);
    this.#single(codePoint, into);
    return at + 1;
  }

  #contraction(root: ContractionNode, codePoints: number[], at: number, into: ElementList): number {
    let node = root;
    let best = root;
    let end = at + 1;
    for (let next = at + 1; next < codePoints.length; next++) {
      const child = node.next.get(codePoints[next]!);
      if (child === undefined) break;
      node = child;
      if (child.elements !== undefined) {
        best = child;
        end = next + 1;
      }
    }
    best = this.#overMarks(best, codePoints, end);
    if (best.elements === undefined) this.#single(codePoints[at]!, into);
    else into.addAll(best.elements, 0, best.elements.length / 2);
    return end;
  }

  /** Takes combining marks behind `from` into the contraction that no mark before them blocks. */
  #overMarks(matched: ContractionNode, codePoints: number[], from: number): ContractionNode {
    let best = matched;
    let blocking = 0;
    let at = from;
    while (at < codePoints.length && best.next.size > 0) {
      const combiningClass = this.#root.combiningClasses.get(codePoints[at]!) ?? 0;
      if (combiningClass === 0) break;
      const child = combiningClass > blocking ? best.next.get(codePoints[at]!) : undefined;
      if (child?.elements !== undefined) {
        best = child;
        codePoints.splice(at, 1);
      } else {
        blocking = combiningClass;
        at++;
      }
    }
    return best;
  }

  #single(codePoint: number, into: ElementList): void {
    let table = this.#tailoring;
    let entry = table.entry(codePoint);
    if (entry === 0) {
      const tailored = table.rangePrimary(codePoint, this.#root.compressible);
      if (tailored !== 0) {
        into.add(tailored, commonWeights);
        return;
      }
      table = this.#root.weights;
      entry = table.entry(codePoint);
    }
    if (entry !== 0) {
      into.addAll(table.elements, entryOffset(entry), entryCount(entry));
      return;
    }
    const primary = table.rangePrimary(codePoint, this.#root.compressible);
    into.add(primary !== 0 ? primary : unassignedPrimary(codePoint), commonWeights);
  }

  /** The value of a decimal digit of any script, else -1. */
  #digit(codePoint: number): number {
    if (codePoint < 128) return codePoint >= 0x30 && codePoint <= 0x39 ? codePoint - 0x30 : -1;
    for (let value = 0; value < 10; value++) {
      if (this.#root.zeros.has(codePoint - value)) return value;
    }
    return -1;
  }
}

/** A primary above all others, in the order of code points. */
function unassignedPrimary(codePoint: number): number {
  const above = codePoint + 1;
  const fourth = 2 + (above % 18) * 14;
  const third = 2 + (Math.floor(above / 18) % 254);
  const second = 4 + (Math.floor(above / (18 * 254)) % 251);
  return 0xfe000000 + second * 0x10000 + third * 0x100 + fourth;
}
