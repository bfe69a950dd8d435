/** The tables of a locale, opened when the locale is first asked for and kept. */
import { NumberReader, splitRows, unpack } from './read-table.ts';
import { han0 } from './tables/han0.ts';
import { han1 } from './tables/han1.ts';
import { han2 } from './tables/han2.ts';
import { han3 } from './tables/han3.ts';
import { han4 } from './tables/han4.ts';
import { han5 } from './tables/han5.ts';
import { han6 } from './tables/han6.ts';
import { locales } from './tables/locales.ts';
import { root } from './tables/root.ts';
import { tailorings } from './tables/tailorings.ts';
import { WeightTable } from './weight-table.ts';

/** What all locales share. */
export interface RootData {
  readonly weights: WeightTable;
  /** Lead byte of the primaries of numbers (`numericOrdering`). */
  readonly numericLead: number;
  /** The greatest primary of spaces, and of spaces and punctuation. */
  readonly lastSpace: number;
  readonly lastPunctuation: number;
  /** Lead bytes that a key names once for several characters in a row. */
  readonly compressible: ReadonlySet<number>;
  /** Characters of value 0 in the decimal digits of each script. */
  readonly zeros: ReadonlySet<number>;
  /** Canonical combining classes other than 0. */
  readonly combiningClasses: ReadonlyMap<number, number>;
}

export interface LocaleDefaults {
  readonly caseFirst: 'off' | 'lower' | 'upper';
  readonly alternate: 'non-ignorable' | 'shifted';
  readonly normalization: boolean;
  readonly backwards: boolean;
}

const ideographs: Readonly<Record<string, string>> = {
  han0,
  han1,
  han2,
  han3,
  han4,
  han5,
  han6,
};

const rows = new Map(locales.map((row) => [row[0], row]));

export function isLocale(id: string): boolean {
  return rows.has(id);
}

/** What an option is when a collation of this locale does not name it. */
export function defaultsOf(locale: string): LocaleDefaults {
  const flags = rows.get(locale)![2];
  return {
    caseFirst: flags.includes('u') ? 'upper' : flags.includes('l') ? 'lower' : 'off',
    alternate: flags.includes('s') ? 'shifted' : 'non-ignorable',
    normalization: flags.includes('n'),
    backwards: flags.includes('b'),
  };
}

let rootData: RootData | undefined;

export function openRoot(): RootData {
  rootData ??= readRoot(new NumberReader(unpack(root)));
  return rootData;
}

function readRoot(numbers: NumberReader): RootData {
  const numericLead = numbers.next();
  const lastSpace = numbers.next();
  const lastPunctuation = numbers.next();
  const compressible = new Set(Array.from({ length: numbers.next() }, () => numbers.next()));
  const zeros = new Set(Array.from({ length: numbers.next() }, () => numbers.next()));
  const combiningClasses = new Map<number, number>();
  let codePoint = 0;
  for (let left = numbers.next(); left > 0; left--) {
    codePoint += numbers.next();
    combiningClasses.set(codePoint, numbers.next());
  }
  const weights = new WeightTable(numbers);
  return {
    weights,
    numericLead,
    lastSpace,
    lastPunctuation,
    compressible,
    zeros,
    combiningClasses,
  };
}

const opened = new Map<number | string, WeightTable>();
let tailoringRows: Buffer[] | undefined;

/** What the locale changes in the root collation. */
export function openTailoring(locale: string): WeightTable {
  const name = rows.get(locale)![1];
  let table = opened.get(name);
  if (table === undefined) {
    const bytes = typeof name === 'string' ? unpack(ideographs[name]!) : tailoringRow(name);
    table = new WeightTable(new NumberReader(bytes));
    opened.set(name, table);
  }
  return table;
}

function tailoringRow(wanted: number): Buffer {
  tailoringRows ??= splitRows(unpack(tailorings));
  return tailoringRows[wanted]!;
}
