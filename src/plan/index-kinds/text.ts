/**
 * Text indexes: on the words of a document's texts, each with its score beside it, in the fields `_fts`
 * and `_ftsx` of the key. Only a `$text` is answered with one (`text-access.ts`). Manual: Text Indexes.
 */
import { createHash } from 'node:crypto';
import { BsonType, documentText, KeyStringWriter, type RawValue } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { type IndexKey, ScalarFinder } from '../../query/index.ts';
import { termScores, textIndexOf, textPaths } from '../../text/index.ts';
import { nullValue } from '../interval.ts';
import type { IndexKind, KeyedIndex } from './index-kind.ts';

/** Bytes of a term that stand in the key; a longer one goes on with its hash. */
const termBytesMax = 224;

export const textIndex: IndexKind = {
  name: 'text',
  refusesCollation: true,
  hasTimeToLive: false,
  paths: (_keyPattern, spec) => textPaths(textIndexOf(spec)),
  check() {},
  keyGenerator,
  candidates: () => [],
};

/** One for all indexes: a key is finished before the next one is begun. */
const writer = new KeyStringWriter();

/** A document without a word has no keys, so these indexes are always sparse. */
function keyGenerator({ spec, keyPattern }: KeyedIndex): ReturnType<IndexKind['keyGenerator']> {
  const index = textIndexOf(spec);
  const multikey = keyPattern.map(() => false);
  const withTerms = keyPattern.map(({ path }) => path === '_fts');
  const descending = keyPattern.map(({ direction }) => direction === -1);
  return (buffer, start) => {
    const find = (paths: readonly string[]): RawValue[] =>
      paths.map((path) => {
        const finder = new ScalarFinder([path], () => arrayFound(path, buffer, start));
        return finder.find(buffer, start)[0] ?? nullValue;
      });
    const before = find(index.before);
    const after = find(index.after);
    const keys: IndexKey[] = [];
    for (const [term, score] of termScores(index, buffer, start)) {
      writer.reset();
      const values = [...before, termKey(term), doubleValue(score), ...after];
      for (const [at, value] of values.entries()) {
        writer.append(value.buffer, value.type, value.start, descending[at]!);
      }
      const typeBits = writer.typeBits();
      keys.push({ keyString: writer.finish(), typeBits });
    }
    keys.sort((a, b) => a.keyString.compare(b.keyString));
    return { keys, multikey: keys.length > 1 ? withTerms : multikey };
  };
}

function arrayFound(path: string, buffer: Buffer, start: number): MongoServerError {
  return new MongoServerError(
    'CannotBuildIndexKeys',
    `Field '${path}' of text index contains an array in document: ${documentText(buffer, start)}`,
  );
}

function doubleValue(number: number): RawValue {
  const buffer = Buffer.alloc(8);
  buffer.writeDoubleLE(number);
  return { buffer, type: BsonType.double, start: 0, end: 8 };
}

/** A term as it stands in a key. */
export function termKey(term: string): RawValue {
  let bytes = Buffer.from(term);
  if (bytes.length > termBytesMax) {
    const hash = createHash('md5').update(bytes).digest('hex');
    bytes = Buffer.concat([bytes.subarray(0, termBytesMax), Buffer.from(hash)]);
  }
  const buffer = Buffer.alloc(bytes.length + 5);
  buffer.writeInt32LE(bytes.length + 1);
  bytes.copy(buffer, 4);
  return { buffer, type: BsonType.string, start: 0, end: buffer.length };
}
