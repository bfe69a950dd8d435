/**
 * The keys of a wildcard index: one for each value of each path, (path, value), with the fields beside
 * the wildcard before and behind. Arrays are their elements, documents what is in them; an empty one,
 * and an array in an array, is a value itself.
 */
import {
  BsonType,
  collatedValue,
  ElementReader,
  KeyStringWriter,
  type RawValue,
} from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { type IndexKey, type IndexKeys, ScalarFinder } from '../../query/index.ts';
import { stringValue } from '../interval.ts';
import type { KeyedIndex } from './index-kind.ts';
import { ruleBelow, type WildcardPaths } from './wildcard-projection.ts';

const nothing = Buffer.alloc(0);
const nullValue: RawValue = { buffer: nothing, type: BsonType.null, start: 0, end: 0 };
const undefinedValue: RawValue = { ...nullValue, type: BsonType.undefined };
/** In the places of path and value, for a document without any. */
const noPath: RawValue = { ...nullValue, type: BsonType.minKey };

export function isWildcardPath(path: string): boolean {
  return path === '$**' || path.endsWith('.$**');
}

/** One for all indexes: a key is finished before the next one is begun. */
const writer = new KeyStringWriter();

export function wildcardKeys(
  { keyPattern, collation }: KeyedIndex,
  paths: WildcardPaths,
): (buffer: Buffer, start: number) => IndexKeys {
  const at = keyPattern.findIndex(({ path }) => isWildcardPath(path));
  const others = keyPattern.filter((_, index) => index !== at);
  const finder = new ScalarFinder(
    others.map(({ path }) => path),
    arrayFound,
  );
  const descending = keyPattern.map(({ direction }) => direction === -1);
  const isCompound = others.length > 0;
  const collated = (value: RawValue): RawValue =>
    collation === undefined ? value : collatedValue(value, collation);

  return (buffer, start) => {
    const walk = new Walk();
    walk.document(buffer, start, undefined, paths, false);
    const values = finder.find(buffer, start).map((value) => value ?? nullValue);
    const leaves = walk.leaves.length === 0 && isCompound ? [noLeaf] : walk.leaves;
    const keys = leaves.map(({ path, value }): IndexKey => {
      writer.reset();
      for (let field = 0, other = 0; field < keyPattern.length; field++) {
        if (field === at) {
          append(path, false);
          append(collated(value), descending[field] === true);
        } else append(collated(values[other++] as RawValue), descending[field] === true);
      }
      const typeBits = writer.typeBits();
      return { keyString: writer.finish(), typeBits };
    });
    keys.sort((a, b) => a.keyString.compare(b.keyString) || a.typeBits.compare(b.typeBits));
    const multikey = keyPattern.map((_, field) => field === at && walk.isMultikey);
    return { keys: keys.filter((key, index) => !isSame(key, keys[index - 1])), multikey };
  };
}

function append({ buffer, type, start }: RawValue, descending: boolean): void {
  writer.append(buffer, type, start, descending);
}

function isSame(a: IndexKey, b: IndexKey | undefined): boolean {
  return b !== undefined && a.keyString.equals(b.keyString) && a.typeBits.equals(b.typeBits);
}

function arrayFound(path: string): MongoServerError {
  return new MongoServerError(
    7246301,
    `Failed to index document: the regular field '${path}' of a compound wildcard index cannot be an array`,
  );
}

interface Leaf {
  readonly path: RawValue;
  readonly value: RawValue;
}

const noLeaf: Leaf = { path: noPath, value: noPath };

/** The walk through one document. */
class Walk {
  readonly leaves: Leaf[] = [];
  isMultikey = false;

  /** `above` is undefined at the top; '' is the name of a field. Returns whether anything took part. */
  document(
    buffer: Buffer,
    start: number,
    above: string | undefined,
    rule: 'all' | WildcardPaths,
    isArray: boolean,
  ): boolean {
    let isEmpty = true;
    const reader = new ElementReader(buffer, start);
    while (reader.next()) {
      const value = reader.value();
      if (isArray) {
        // A projection does not name positions, and takes values only where it takes all.
        if (rule !== 'all' && rule.mode === 'include' && value.type !== BsonType.object) continue;
        isEmpty = false;
        this.#value(value, above as string, rule, true);
        continue;
      }
      const name = reader.name();
      if (name.includes('.')) continue;
      const below = rule === 'all' ? 'all' : ruleBelow(rule, name);
      if (below === 'nothing') continue;
      const isNested = value.type === BsonType.object || value.type === BsonType.array;
      if (below !== 'all' && below.mode === 'include' && !isNested) continue;
      isEmpty = false;
      this.#value(value, above === undefined ? name : `${above}.${name}`, below, false);
    }
    return !isEmpty;
  }

  #value(value: RawValue, path: string, rule: 'all' | WildcardPaths, inArray: boolean): void {
    const { buffer, type, start } = value;
    if (type === BsonType.object) {
      if (!this.document(buffer, start, path, rule, false)) this.#leaf(path, emptyDocument);
    } else if (type === BsonType.array) {
      if (inArray) {
        this.#leaf(path, value);
        return;
      }
      this.isMultikey = true;
      if (!this.document(buffer, start, path, rule, true)) this.#leaf(path, undefinedValue);
    } else this.#leaf(path, value);
  }

  #leaf(path: string, value: RawValue): void {
    this.leaves.push({ path: stringValue(path), value });
  }
}

const empty = Buffer.from([5, 0, 0, 0, 0]);
const emptyDocument: RawValue = { buffer: empty, type: BsonType.object, start: 0, end: 5 };
