/** The order of texts under a collation whose options are all known. */
import { ElementList, ElementSource } from './collation-elements.ts';
import type { CollationOptions } from './collation-options.ts';
import { openRoot, openTailoring } from './locale-tables.ts';
import { SortKeyWriter } from './sort-key.ts';
import type { WeightBytes } from './weight-bytes.ts';

export class Collator {
  readonly #source: ElementSource;
  readonly #keys: SortKeyWriter;
  readonly #elements = new ElementList();
  readonly #withNormalization: boolean;
  readonly #isIdentical: boolean;
  /** In the order of scripts; 0: not for `compareFirst` to judge. */
  readonly #plainPrimaries: Uint32Array;

  constructor(options: CollationOptions) {
    const root = openRoot();
    const tailoring = openTailoring(options.locale);
    this.#source = new ElementSource(root, tailoring, options.numericOrdering);
    const isShifted = options.alternate === 'shifted';
    const lastVariable = !isShifted
      ? 0
      : options.maxVariable === 'space'
        ? root.lastSpace
        : root.lastPunctuation;
    const reorder = tailoring.reordering.length === 0 ? undefined : reorderer(tailoring.reordering);
    this.#plainPrimaries = this.#source
      .plainPrimaries()
      .map((primary) => (primary <= lastVariable ? 0 : (reorder?.(primary) ?? primary)));
    this.#keys = new SortKeyWriter({
      strength: options.strength,
      hasCaseLevel: options.caseLevel,
      caseFirst: options.caseFirst,
      isBackwards: options.backwards,
      lastVariable,
      compressible: root.compressible,
      reorder,
    });
    this.#withNormalization = options.normalization;
    this.#isIdentical = options.strength === 5;
  }

  /**
   * The order of two UTF-8 texts as far as their first letters tell, which for most is all: the first
   * difference on the first level, among ASCII characters. 0: the keys must be compared.
   */
  compareFirst(
    a: Buffer,
    aStart: number,
    aEnd: number,
    b: Buffer,
    bStart: number,
    bEnd: number,
  ): number {
    const primaries = this.#plainPrimaries;
    const common = Math.min(aEnd - aStart, bEnd - bStart);
    for (let at = 0; at < common; at++) {
      const left = a[aStart + at]!;
      const right = b[bStart + at]!;
      if (left > 127 || right > 127) return 0;
      const leftPrimary = primaries[left]!;
      const rightPrimary = primaries[right]!;
      if (leftPrimary === 0 || rightPrimary === 0) return 0;
      if (leftPrimary !== rightPrimary) return leftPrimary < rightPrimary ? -1 : 1;
    }
    return 0;
  }

  /** The sort key of UTF-8 text; the bytes are good until the next call. */
  key(bytes: Buffer, start: number, end: number): Buffer {
    const elements = this.#elements;
    elements.length = 0;
    let codePoints = asciiCodePoints(bytes, start, end);
    let text: string | undefined;
    if (codePoints === undefined) {
      const given = bytes.toString('utf8', start, end);
      text = this.#withNormalization ? given.normalize('NFD') : decomposeEach(given);
      codePoints = Array.from(text, (character) => character.codePointAt(0)!);
    }
    this.#source.append(codePoints, elements);
    const key = this.#keys.write(elements);
    if (this.#isIdentical) appendText(key, text, bytes, start, end);
    return key.bytes.subarray(0, key.length);
  }
}

/** At strength 5 the decomposed text itself decides last, in the order of code points. */
function appendText(
  key: WeightBytes,
  text: string | undefined,
  bytes: Buffer,
  start: number,
  end: number,
): void {
  if (text === undefined) {
    key.appendBytes(bytes, start, end);
    return;
  }
  const decomposed = Buffer.from(text.normalize('NFD'));
  key.appendBytes(decomposed, 0, decomposed.length);
}

function asciiCodePoints(bytes: Buffer, start: number, end: number): number[] | undefined {
  const codePoints = new Array<number>(end - start);
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte > 0x7f) return undefined;
    codePoints[at - start] = byte;
  }
  return codePoints;
}

/** Without `normalization` marks keep the order they have. */
function decomposeEach(text: string): string {
  let decomposed = '';
  for (const character of text) decomposed += character.normalize('NFD');
  return decomposed;
}

function reorderer(
  runs: readonly { readonly from: number; readonly added: number }[],
): (primary: number) => number {
  return (primary) => {
    let added = 0;
    for (const run of runs) {
      if (primary < run.from) break;
      added = run.added;
    }
    return (primary + added * 0x1000000) % 0x100000000;
  };
}
