import {
  BsonType,
  type Collation,
  decodeKeyString,
  ElementReader,
  elementText,
  encodeKeyString,
  nearestInteger,
  type RawValue,
  readDecimal,
} from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { checkFieldPath, type Metadata, type MetaWord, textOf } from '../expressions/index.ts';
import { KeyExtractor, type KeyPatternField } from './index-keys.ts';
import { isNumberType, numberOf } from './raw-number.ts';

/** The most fields a sort may have (that of a compound index). */
const maxSortFields = 32;

export interface SortField extends KeyPatternField {
  /** What the query knows of the document in place of a field; `path` is then a name no field has. */
  readonly meta?: SortedMeta;
}

/** Words of `$meta` that sort; documents here have but the first two. */
const sortedMeta = [
  'textScore',
  'geoNearDistance',
  'randVal',
  'searchScore',
  'vectorSearchScore',
] as const;
type SortedMeta = (typeof sortedMeta)[number];

/** A parsed sort. Keys are compared as bytes (`Buffer.compare`); a missing field sorts as null. */
export class SortPattern {
  readonly paths: readonly SortField[];
  /** `{$natural: 1}` or -1: the order of the collection, which is the planner's business. */
  readonly natural: 1 | -1 | undefined;
  /** What strings are ordered by; undefined: their bytes. */
  readonly collation: Collation | undefined;
  /** Fields that stand together, or one word of `$meta`. */
  readonly #parts: readonly (KeyExtractor | SortedMeta)[];

  constructor(paths: readonly SortField[], natural: 1 | -1 | undefined, collation?: Collation) {
    this.collation = collation;
    this.paths = paths;
    this.natural = natural;
    this.#parts = partsOf(paths, collation);
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
  keyOf(buffer: Buffer, start: number, metadata?: Metadata): Buffer {
    const keys = this.#parts.map((part) =>
      typeof part === 'string'
        ? metaKeyString(part, metadata).key
        : part.leastKeyString(buffer, start),
    );
    return keys.length === 1 ? keys[0]! : Buffer.concat(keys);
  }

  /** The values a document is sorted by, one for each field. */
  sortKeyOf(buffer: Buffer, start: number, metadata?: Metadata): RawValue[] {
    return this.#parts.flatMap((part) => {
      if (typeof part === 'string') {
        const { key, typeBits } = metaKeyString(part, metadata);
        return decodeKeyString(key, typeBits, [part !== 'geoNearDistance']);
      }
      const [least] = part.keys(buffer, start).keys;
      return decodeKeyString(least!.keyString, least!.typeBits, part.descending);
    });
  }

  /** What it wants to know of documents beside their fields. */
  get metaWords(): readonly MetaWord[] {
    return this.paths.flatMap(({ meta }) => (meta === undefined ? [] : [meta]));
  }

  /** As explain shows it. */
  get shown(): Record<string, unknown> {
    return Object.fromEntries(
      this.paths.map(({ path, direction, meta }) => [
        path,
        meta === undefined ? direction : { $meta: meta },
      ]),
    );
  }
}

function partsOf(
  paths: readonly SortField[],
  collation: Collation | undefined,
): (KeyExtractor | SortedMeta)[] {
  const parts: (KeyExtractor | SortedMeta)[] = [];
  let fields: SortField[] = [];
  const endFields = (): void => {
    if (fields.length === 0 && parts.length + paths.length > 0) return;
    const parallel = () =>
      new MongoServerError('BadValue', 'cannot sort with keys that are parallel arrays');
    parts.push(new KeyExtractor(fields, { collation, parallel }));
    fields = [];
  };
  for (const field of paths) {
    if (field.meta === undefined) fields.push(field);
    else {
      endFields();
      parts.push(field.meta);
    }
  }
  endFields();
  return parts;
}

/** The best score first, and of distances the least. */
function metaKeyString(word: SortedMeta, metadata: Metadata | undefined) {
  const number = word === 'randVal' ? Math.random() : numberOfMeta(word, metadata);
  const value = Buffer.alloc(8);
  value.writeDoubleLE(number ?? 0);
  const score = { buffer: value, type: BsonType.double, start: 0, end: 8 };
  return encodeKeyString([score], [word !== 'geoNearDistance']);
}

function numberOfMeta(word: SortedMeta, metadata: Metadata | undefined): number | undefined {
  return word === 'textScore' || word === 'geoNearDistance' ? metadata?.[word] : undefined;
}

function readMeta(path: string, value: RawValue, computed: number): SortField {
  const reader = new ElementReader(value.buffer, value.start);
  if (!reader.next() || reader.name() !== '$meta') {
    throw new MongoServerError(17312, '$meta is the only expression supported by $sort right now');
  }
  const argument = reader.value();
  if (reader.next()) {
    throw new MongoServerError(
      'FailedToParse',
      'Cannot have additional keys in a $meta sort specification',
    );
  }
  checkFieldPath(path);
  const word = argument.type === BsonType.string ? textOf(argument) : undefined;
  const meta = sortedMeta.find((one) => one === word);
  if (meta === undefined) {
    throw new MongoServerError(31138, `Illegal $meta sort: ${elementText('$meta', argument)}`);
  }
  return { path: `$computed${computed}`, direction: -1, meta };
}

/** Of a decimal the nearest integer counts, of other numbers what is in front of the point. */
function wholeOf({ buffer, type, start }: RawValue, number: number): number {
  if (type !== BsonType.decimal) return Math.trunc(number);
  return Number(nearestInteger(readDecimal(buffer, start)) ?? Number.NaN);
}

/** Parses the sort document at `start`. */
export function parseSort(sort: Buffer, start: number, collation?: Collation): SortPattern {
  const paths: SortField[] = [];
  const names = new Set<string>();
  let natural: 1 | -1 | undefined;
  const reader = new ElementReader(sort, start);
  let count = 0;
  while (reader.next()) {
    count++;
    const path = reader.name();
    const value = reader.value();
    if (value.type === BsonType.object) {
      const computed = paths.filter(({ meta }) => meta !== undefined).length;
      paths.push(readMeta(path, value, computed));
      names.add(path);
      continue;
    }
    if (!isNumberType(value.type)) {
      throw new MongoServerError(
        15974,
        `Illegal key in $sort specification: ${elementText(path, value)}`,
      );
    }
    const number = numberOf(value)!;
    const whole = wholeOf(value, number);
    if (whole !== 1 && whole !== -1) {
      throw new MongoServerError(
        15975,
        '$sort key ordering must be 1 (for ascending) or -1 (for descending)',
      );
    }
    const direction = number > 0 ? 1 : -1;
    if (path === '$natural') natural = direction;
    else {
      checkFieldPath(path);
      if (names.has(path)) {
        throw new MongoServerError(
          7472500,
          `$sort key must not contain duplicate keys (field: '${path}')`,
        );
      }
      names.add(path);
      paths.push({ path, direction });
    }
  }
  if (natural !== undefined && count > 1) {
    throw new MongoServerError(
      'BadValue',
      '$natural sort cannot be set to a value other than -1 or 1.',
    );
  }
  const fields = paths.filter(({ meta }) => meta === undefined).length;
  if (fields > maxSortFields) {
    throw new MongoServerError(13103, `too many compound keys: ${fields}`);
  }
  return new SortPattern(paths, natural, collation);
}
