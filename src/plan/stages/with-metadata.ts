import { BsonType, DocumentWriter, type RawValue } from '../../bson/index.ts';
import type { Metadata, MetaWord } from '../../expressions/index.ts';
import type { SortPattern } from '../../query/index.ts';
import { factsOf } from '../index-facts.ts';
import { Stage, Work, type WorkResult } from '../stage.ts';
import type { IndexScan } from './index-scan.ts';
import { indexKeyOf, scansOf } from './return-key.ts';

/** The words this stage answers; others are answered where the documents are found. */
export function needsMetadata(
  words: ReadonlySet<MetaWord> | undefined,
): words is ReadonlySet<MetaWord> {
  if (words === undefined || words.size === 0) return false;
  return words.has('recordId') || words.has('indexKey') || words.has('sortKey');
}

/** Adds what is asked for of the record, the index and the order a document was found by. */
export class WithMetadata extends Stage {
  readonly name = 'METADATA';
  readonly #child: Stage;
  readonly #words: ReadonlySet<MetaWord>;
  readonly #sort: SortPattern | undefined;
  readonly #scans: readonly IndexScan[];

  constructor(child: Stage, words: ReadonlySet<MetaWord>, sort: SortPattern | undefined) {
    super([child]);
    this.#child = child;
    this.#words = words;
    this.#sort = sort;
    // A text index has words in the place of values.
    this.#scans = scansOf(child).filter(({ bounds }) => factsOf(bounds.index).kind.name !== 'text');
  }

  work(): WorkResult {
    const { stats } = this;
    stats.works++;
    const child = this.#child;
    const result = child.work();
    if (result === Work.advanced) {
      this.take(child);
      this.metadata = { ...child.metadata, ...this.#found() };
      stats.advanced++;
    } else if (result === Work.needTime) stats.needTime++;
    else stats.isEof = true;
    return result;
  }

  #found(): Metadata {
    const { buffer, start, recordId, metadata } = this;
    const words = this.#words;
    const key = words.has('indexKey') ? indexKeyOf(this.#scans, buffer, start) : undefined;
    return {
      ...(words.has('recordId') ? { recordId } : {}),
      ...(key === undefined ? {} : { indexKey: documentValue(key) }),
      ...(words.has('sortKey') && this.#sort !== undefined
        ? { sortKey: arrayValue(this.#sort.sortKeyOf(buffer, start, metadata)) }
        : {}),
    };
  }
}

function documentValue(buffer: Buffer): RawValue {
  return { buffer, type: BsonType.object, start: 0, end: buffer.length };
}

function arrayValue(values: readonly RawValue[]): RawValue {
  const writer = new DocumentWriter();
  writer.startDocument();
  for (const [at, value] of values.entries()) writer.raw(String(at), value);
  writer.end();
  const buffer = writer.finish();
  return { buffer, type: BsonType.array, start: 0, end: buffer.length };
}
