/** The bounds of an index scan, as ranges of key strings and as explain shows them. */
import type { IndexInfo } from '../../storage/index.ts';
import { afterPrefix, decodeValue, KeyStringWriter, type RawValue } from '../bson/index.ts';
import { explainInterval } from './explain-interval.ts';
import { factsOf } from './index-facts.ts';
import { allValues, arePoints, type Interval, type Intervals, isAllValues } from './interval.ts';

/** What a scan of an index reads: for each field of the key the values it may have. */
export interface IndexBounds {
  readonly index: IndexInfo;
  /** One list for each field of the key pattern. */
  readonly fields: readonly Intervals[];
  /** From one whole key to before another, in place of what `fields` say: `min` and `max` of a find. */
  readonly keyRange?: {
    /** One value for each field of the key pattern. */
    readonly startKey: readonly RawValue[];
    readonly endKey: readonly RawValue[];
    /** The same as key strings. */
    readonly lower: Buffer;
    readonly upper: Buffer;
  };
}

/** Key strings from `lower` (inclusive) to `upper` (exclusive). */
export interface KeyStringRange {
  readonly lower: Buffer;
  readonly upper: Buffer;
  /** Lower is a whole key and the only one of the range. */
  readonly isWholeKey: boolean;
}

/** Prefixes that are scanned one by one; with more, later fields are left to the filter. */
const maxRanges = 10_000;

const writer = new KeyStringWriter();

/** How many leading fields are points, and so make prefixes of their own. */
export function pointPrefixLength(fields: readonly Intervals[]): number {
  let length = 0;
  let ranges = 1;
  while (length < fields.length && arePoints(fields[length]!)) {
    ranges *= fields[length]!.length;
    if (ranges > maxRanges) break;
    length++;
  }
  return length;
}

/**
 * How many leading fields narrow the ranges of the scan; the bounds of the fields behind them do not
 * take part, so their predicates must be checked on the document.
 */
export function boundedPrefixLength(fields: readonly Intervals[]): number {
  const points = pointPrefixLength(fields);
  return points < fields.length && !isAllValues(fields[points]!) ? points + 1 : points;
}

/** The ranges to read, in ascending order of key strings. */
export function keyStringRanges(bounds: IndexBounds): KeyStringRange[] {
  const { index, fields, keyRange } = bounds;
  if (keyRange !== undefined) {
    return [{ lower: keyRange.lower, upper: keyRange.upper, isWholeKey: false }];
  }
  const descending = index.keyPattern.map((field) => field.direction === -1);
  const ordered = fields.map((list, at) => (descending[at]! ? [...list].reverse() : list));
  const prefixLength = pointPrefixLength(fields);
  const ranges: KeyStringRange[] = [];
  const prefix: Interval[] = [];

  const encode = (last: Interval['low'] | undefined): Buffer => {
    writer.reset();
    for (let at = 0; at < prefix.length; at++) {
      const { low } = prefix[at]!;
      writer.append(low.buffer, low.type, low.start, descending[at]!);
    }
    if (last !== undefined) {
      writer.append(last.buffer, last.type, last.start, descending[prefix.length]!);
    }
    return writer.finish();
  };

  const descend = (at: number): void => {
    if (at === prefixLength) {
      if (at === fields.length) {
        const key = encode(undefined);
        ranges.push({ lower: key, upper: afterPrefix(key), isWholeKey: true });
        return;
      }
      for (const one of ordered[at]!) {
        const turned = descending[at]!;
        const first = encode(turned ? one.high : one.low);
        const last = encode(turned ? one.low : one.high);
        const firstInclusive = turned ? one.highInclusive : one.lowInclusive;
        const lastInclusive = turned ? one.lowInclusive : one.highInclusive;
        ranges.push({
          lower: firstInclusive ? first : afterPrefix(first),
          upper: lastInclusive ? afterPrefix(last) : last,
          isWholeKey: false,
        });
      }
      return;
    }
    for (const one of ordered[at]!) {
      prefix.push(one);
      descend(at + 1);
      prefix.pop();
    }
  };
  descend(0);
  return ranges;
}

/** Explain's `indexBounds`: field path to a list of intervals in the order of the scan. */
export function explainBounds(bounds: IndexBounds, reverse: boolean): Record<string, unknown> {
  const { keyRange } = bounds;
  if (keyRange !== undefined) {
    const shown = (key: readonly RawValue[]) =>
      Object.fromEntries(
        bounds.index.keyPattern.map(({ path }, at) => [path, decodeValue(key[at]!)]),
      );
    return {
      startKey: shown(keyRange.startKey),
      startKeyInclusive: true,
      endKey: shown(keyRange.endKey),
      endKeyInclusive: false,
    };
  }
  const result: Record<string, string[]> = {};
  const isCollated = factsOf(bounds.index).collation !== undefined;
  bounds.index.keyPattern.forEach((field, at) => {
    const turned = (field.direction === -1) !== reverse;
    const list = bounds.fields[at] ?? [allValues];
    const shown = list.map((one) =>
      explainInterval(one, turned, isCollated && field.path !== '$_path'),
    );
    result[field.path] = turned ? shown.reverse() : shown;
  });
  return result;
}
