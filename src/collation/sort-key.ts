/**
 * From collation elements to a sort key: bytes whose order is the order of the texts. The form is ICU's
 * (levels in a row, 01 between them; of runs of common weights only the length is written), so keys
 * are short: of a Latin text little more than a byte for each letter.
 */
import type { ElementList } from './collation-elements.ts';
import { WeightBytes } from './weight-bytes.ts';

export interface KeyOptions {
  /** 1 to 5; at 5 the caller appends the text itself. */
  readonly strength: number;
  readonly hasCaseLevel: boolean;
  readonly caseFirst: 'off' | 'lower' | 'upper';
  readonly isBackwards: boolean;
  /** Primaries up to this one are shifted to the fourth level; 0: none. */
  readonly lastVariable: number;
  readonly compressible: ReadonlySet<number>;
  /** The place of a primary in the locale's order of scripts. */
  readonly reorder: ((primary: number) => number) | undefined;
}

const levelSeparator = 1;
const mergeSeparator = 2;
const mergeSeparatorPrimary = 0x02000000;
const commonWeight = 0x0500;
/** Stands behind the last element: sorts below all weights. */
const endPrimary = 1;
const endLower = 0x01000100;
/** Quaternary weights of shifted characters start below this byte. */
const shiftedLimit = 0x1b;

/** The row of common weights is written as how many there are, from below or from above. */
const secondaryRuns = { low: 0x05, middle: 0x25, high: 0x45, most: 0x21 };
const tertiaryRuns = { low: 0x05, middle: 0x65, high: 0xc5, most: 0x61 };
const lowerFirstRuns = { low: 0x05, middle: 0x25, high: 0x45, most: 0x21 };
const upperFirstRuns = { low: 0x85, middle: 0xa5, high: 0xc5, most: 0x21 };
const quaternaryRuns = { low: 0x1c, middle: 0x8c, high: 0xfc, most: 0x71 };

export class SortKeyWriter {
  readonly #options: KeyOptions;
  readonly #primaries = new WeightBytes();
  readonly #secondaries = new WeightBytes();
  readonly #cases = new WeightBytes();
  readonly #tertiaries = new WeightBytes();
  readonly #quaternaries = new WeightBytes();
  readonly #key = new WeightBytes();

  constructor(options: KeyOptions) {
    this.#options = options;
  }

  /** The levels of the elements; the bytes are good until the next call. Adds an end to the list. */
  write(elements: ElementList): WeightBytes {
    const { strength, hasCaseLevel } = this.#options;
    elements.add(endPrimary, endLower);
    this.#writePrimaries(elements);
    const key = this.#key;
    key.clear();
    key.append(this.#primaries, this.#primaries.length);
    if (strength >= 2) {
      this.#writeSecondaries(elements);
      key.byte(levelSeparator);
      key.append(this.#secondaries, this.#secondaries.length - 1);
    }
    if (hasCaseLevel) {
      this.#writeCases(elements);
      key.byte(levelSeparator);
      key.appendNibbles(this.#cases, this.#cases.length - 1);
    }
    if (strength >= 3) {
      this.#writeTertiaries(elements);
      key.byte(levelSeparator);
      key.append(this.#tertiaries, this.#tertiaries.length - 1);
    }
    if (strength >= 4) {
      key.byte(levelSeparator);
      key.append(this.#quaternaries, this.#quaternaries.length - 1);
    }
    if (strength === 5) key.byte(levelSeparator);
    return key;
  }

  /**
   * The first level. What is shifted goes to the fourth, which is written on the way, and is taken out
   * of the list, with the marks behind it.
   */
  #writePrimaries(elements: ElementList): void {
    const { lastVariable, compressible, reorder, strength } = this.#options;
    const bytes = this.#primaries;
    const quaternaries = strength >= 4 ? this.#quaternaries : undefined;
    bytes.clear();
    quaternaries?.clear();
    const run = { length: 0 };
    const { primaries, lowers } = elements;
    let previous = 0;
    let kept = 0;
    let isShifted = false;
    for (let at = 0; at < elements.length; at++) {
      let primary = primaries[at]!;
      if (primary > mergeSeparatorPrimary && primary <= lastVariable) {
        isShifted = true;
        if (quaternaries !== undefined) this.#shift(reorder?.(primary) ?? primary, run);
        continue;
      }
      if (isShifted && primary === 0) continue;
      isShifted = false;
      const lower = lowers[at]!;
      primaries[kept] = primary;
      lowers[kept++] = lower;
      if (quaternaries !== undefined && lower !== 0) this.#quaternary(lower & 0xffff, run);
      if (primary <= endPrimary) continue;
      const isCompressible = compressible.has(primary >>> 24);
      primary = reorder?.(primary) ?? primary;
      const lead = primary >>> 24;
      if (!isCompressible || lead !== previous >>> 24) {
        if (previous !== 0) {
          if (primary >= previous) bytes.byte(0xff);
          else if (lead > mergeSeparator) bytes.byte(3);
        }
        bytes.byte(lead);
        previous = isCompressible ? primary : 0;
      }
      bytes.tail(primary);
    }
    elements.length = kept;
  }

  #shift(primary: number, run: { length: number }): void {
    const bytes = this.#quaternaries;
    if (run.length > 0) {
      let left = run.length - 1;
      for (; left >= quaternaryRuns.most; left -= quaternaryRuns.most) {
        bytes.byte(quaternaryRuns.middle);
      }
      bytes.byte(quaternaryRuns.low + left);
      run.length = 0;
    }
    if (primary >>> 24 >= shiftedLimit) bytes.byte(shiftedLimit);
    bytes.byte(primary >>> 24);
    bytes.tail(primary);
  }

  #quaternary(lower: number, run: { length: number }): void {
    const bytes = this.#quaternaries;
    const isEnd = lower === (endLower & 0xffff);
    if ((lower & 0xc0) === 0 && !isEnd) {
      run.length++;
      return;
    }
    if (isEnd && this.#options.lastVariable === 0 && bytes.length === 0) {
      bytes.byte(levelSeparator);
      return;
    }
    const weight = isEnd ? levelSeparator : 0xfc + ((lower >> 6) & 3);
    bytes.run(run.length, weight < 0x1c, quaternaryRuns);
    run.length = 0;
    bytes.byte(weight);
  }

  #writeSecondaries(elements: ElementList): void {
    const bytes = this.#secondaries;
    bytes.clear();
    if (this.#options.isBackwards) {
      this.#writeBackwards(elements);
      return;
    }
    let run = 0;
    for (let at = 0; at < elements.length; at++) {
      const weight = elements.lowers[at]! >>> 16;
      if (weight === 0) continue;
      if (weight === commonWeight) {
        run++;
        continue;
      }
      bytes.run(run, weight < commonWeight, secondaryRuns);
      run = 0;
      bytes.weight(weight);
    }
  }

  /** French accents: the last difference decides. Segments between merge separators are turned on their own. */
  #writeBackwards(elements: ElementList): void {
    const bytes = this.#secondaries;
    let run = 0;
    let previous = 0;
    let segment = 0;
    for (let at = 0; at < elements.length; at++) {
      const weight = elements.lowers[at]! >>> 16;
      const primary = elements.primaries[at]!;
      if (weight === 0) continue;
      if (weight === commonWeight && primary !== mergeSeparatorPrimary) {
        run++;
        continue;
      }
      if (run > 0) {
        const left = run - 1;
        const rest = left % secondaryRuns.most;
        bytes.byte(previous < commonWeight ? secondaryRuns.low + rest : secondaryRuns.high - rest);
        for (let more = left - rest; more > 0; more -= secondaryRuns.most) {
          bytes.byte(secondaryRuns.middle);
        }
        run = 0;
      }
      if (primary > 0 && primary <= mergeSeparatorPrimary) {
        bytes.reverse(segment);
        bytes.byte(primary === endPrimary ? levelSeparator : mergeSeparator);
        previous = 0;
        segment = bytes.length;
      } else {
        bytes.reversedWeight(weight);
        previous = weight;
      }
    }
  }

  /** One nibble for each letter: lower, mixed or upper case. */
  #writeCases(elements: ElementList): void {
    const { strength, caseFirst } = this.#options;
    const bytes = this.#cases;
    bytes.clear();
    let run = 0;
    for (let at = 0; at < elements.length; at++) {
      const lower = elements.lowers[at]!;
      if (lower === 0) continue;
      if (strength === 1 ? elements.primaries[at] === 0 : lower <= 0xffff) continue;
      const letterCase = (lower >>> 8) & 0xff;
      const isEnd = letterCase <= levelSeparator;
      if ((letterCase & 0xc0) === 0 && !isEnd) {
        run++;
        continue;
      }
      if (caseFirst === 'upper') {
        if (run > 0) {
          let left = run - 1;
          for (; left >= 13; left -= 13) bytes.byte(3 << 4);
          bytes.byte((3 + left) << 4);
        }
        run = 0;
        bytes.byte(isEnd ? levelSeparator : (3 - (letterCase >> 6)) << 4);
        continue;
      }
      // A level of common weights alone, the least, need not be written.
      if (run > 0 && (!isEnd || bytes.length > 0)) {
        let left = run - 1;
        for (; left >= 7; left -= 7) bytes.byte(7 << 4);
        bytes.byte((isEnd ? 1 + left : 13 - left) << 4);
        run = 0;
      }
      bytes.byte(isEnd ? levelSeparator : (13 + (letterCase >> 6)) << 4);
    }
  }

  #writeTertiaries(elements: ElementList): void {
    const { hasCaseLevel, caseFirst } = this.#options;
    const withCase = caseFirst !== 'off' && !hasCaseLevel;
    const mask = withCase ? 0xff3f : 0x3f3f;
    const bytes = this.#tertiaries;
    bytes.clear();
    let run = 0;
    for (let at = 0; at < elements.length; at++) {
      const lower = elements.lowers[at]!;
      if (lower === 0) continue;
      let weight = lower & mask;
      if (weight === commonWeight) {
        run++;
        continue;
      }
      if (!withCase) {
        bytes.run(run, weight < commonWeight, tertiaryRuns);
        if (weight > commonWeight) weight += 0xc000;
      } else if (caseFirst === 'lower') {
        bytes.run(run, weight < commonWeight, lowerFirstRuns);
        if (weight > commonWeight) weight += 0x4000;
      } else {
        weight = upperFirst(weight, lower > 0xffff);
        bytes.run(run, weight < upperFirstRuns.low << 8, upperFirstRuns);
      }
      run = 0;
      bytes.weight(weight);
    }
  }
}

/** Upper case below mixed case below lower case; marks that have a tertiary weight alone stay above. */
function upperFirst(weight: number, isLetter: boolean): number {
  if (weight <= (endLower & 0xffff)) return weight;
  if (!isLetter) return weight + 0x4000;
  const turned = weight ^ 0xc000;
  return turned < upperFirstRuns.high << 8 ? turned - 0x4000 : turned;
}
