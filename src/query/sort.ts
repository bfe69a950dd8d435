import { BsonType, type Collation, ElementReader, elementText } from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { checkFieldPath } from '../expressions/index.ts';

import { KeyExtractor, type KeyPatternField } from './index-keys.ts';
import { isNumberType, numberOf } from './raw-number.ts';

/** The most fields a sort may have (that of a compound index). */
const maxSortFields = 32;

/** A parsed sort. Keys are compared as bytes (`Buffer.compare`); a missing field sorts as null. */
export class SortPattern {
  readonly paths: readonly KeyPatternField[];
  /** `{$natural: 1}` or -1: the order of the collection, which is the planner's business. */
  readonly natural: 1 | -1 | undefined;
  /** What strings are ordered by; undefined: their bytes. */
  readonly collation: Collation | undefined;
  readonly #extractor: KeyExtractor;

  constructor(
    paths: readonly KeyPatternField[],
    natural: 1 | -1 | undefined,
    collation?: Collation,
  ) {
    this.collation = collation;
    this.paths = paths;
    this.natural = natural;
    this.#extractor = new KeyExtractor(paths, {
      collation,
      parallel: () =>
        new MongoServerError('BadValue', 'cannot sort with keys that are parallel arrays'),
    });
  }

  get isNatural(): boolean {
    return this.natural !== undefined;
  }

  get isEmpty(): boolean {
    return this.paths.length === 0 && this.natural === undefined;
  }

  /**
   * Bytes that order documents as the sort does. Of an array the least element counts, or the
   * greatest when the field is descending.
   */
  keyOf(buffer: Buffer, start: number): Buffer {
    return this.#extractor.leastKeyString(buffer, start);
  }
}

/** Parses the sort document at `start`. */
export function parseSort(sort: Buffer, start: number, collation?: Collation): SortPattern {
  const paths: KeyPatternField[] = [];
  let natural: 1 | -1 | undefined;
  const reader = new ElementReader(sort, start);
  let count = 0;
  while (reader.next()) {
    count++;
    const path = reader.name();
    const value = reader.value();
    if (value.type === BsonType.object) {
      const inner = new ElementReader(value.buffer, value.start);
      if (inner.next() && inner.name() === '$meta') {
        throw new MongoServerError(
          'NotImplemented',
          '$meta in a sort is not implemented in arkset yet',
        );
      }
      throw new MongoServerError(
        15974,
        `Illegal key in $sort specification: ${elementText(path, value)}`,
      );
    }
    if (!isNumberType(value.type)) {
      throw new MongoServerError(
        15974,
        `Illegal key in $sort specification: ${elementText(path, value)}`,
      );
    }
    const number = numberOf(value)!;
    if (Math.trunc(number) !== 1 && Math.trunc(number) !== -1) {
      throw new MongoServerError(
        15975,
        '$sort key ordering must be 1 (for ascending) or -1 (for descending)',
      );
    }
    const direction = number > 0 ? 1 : -1;
    if (path === '$natural') natural = direction;
    else {
      checkFieldPath(path);
      if (paths.some((one) => one.path === path)) {
        throw new MongoServerError(
          7472500,
          `$sort key must not contain duplicate keys (field: '${path}')`,
        );
      }
      paths.push({ path, direction });
    }
  }
  if (natural !== undefined && count > 1) {
    throw new MongoServerError(
      'BadValue',
      '$natural sort cannot be set to a value other than -1 or 1.',
    );
  }
  if (paths.length > maxSortFields) {
    throw new MongoServerError(13103, `too many compound keys: ${paths.length}`);
  }
  return new SortPattern(paths, natural, collation);
}
