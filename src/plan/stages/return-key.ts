import { DocumentWriter, decodeKeyString, encodeDocument } from '../../bson/index.ts';
import { keyStringRanges } from '../index-bounds.ts';
import { factsOf } from '../index-facts.ts';
import { Stage, Work, type WorkResult } from '../stage.ts';
import { IndexScan } from './index-scan.ts';

/**
 * Shows, in place of each document, the key of the index that has found it; an empty document when no
 * index has. The key is made from the document again, so that whatever stands between (a sort) need
 * not carry it.
 */
export class ReturnKey extends Stage {
  readonly name = 'RETURN_KEY';
  readonly #child: Stage;
  readonly #scans: readonly IndexScan[];

  constructor(child: Stage) {
    super([child]);
    this.#child = child;
    this.#scans = scansOf(child);
  }

  work(): WorkResult {
    const { stats } = this;
    stats.works++;
    const result = this.#child.work();
    if (result === Work.advanced) {
      this.buffer = indexKeyOf(this.#scans, this.#child.buffer, this.#child.start) ?? emptyDocument;
      this.start = 0;
      this.recordId = this.#child.recordId;
      stats.advanced++;
    } else if (result === Work.needTime) stats.needTime++;
    else stats.isEof = true;
    return result;
  }
}

const emptyDocument = encodeDocument({});

/** The key by which one of the scans finds a document; undefined when none does. */
export function indexKeyOf(
  scans: readonly IndexScan[],
  buffer: Buffer,
  start: number,
): Buffer | undefined {
  for (const { bounds } of scans) {
    const { keyPattern } = bounds.index;
    const ranges = keyStringRanges(bounds);
    const found = [...factsOf(bounds.index).keys(buffer, start).keys]
      .sort((a, b) => Buffer.compare(a.keyString, b.keyString))
      .find(({ keyString }) =>
        ranges.some(
          ({ lower, upper }) =>
            Buffer.compare(keyString, lower) >= 0 && Buffer.compare(keyString, upper) < 0,
        ),
      );
    if (found === undefined) continue;
    const descending = keyPattern.map(({ direction }) => direction === -1);
    const values = decodeKeyString(found.keyString, found.typeBits, descending);
    const writer = new DocumentWriter();
    writer.startDocument();
    for (const [at, { path }] of keyPattern.entries()) writer.raw(path, values[at]!);
    writer.end();
    return writer.finish();
  }
  return undefined;
}

/** The scans of indexes a plan reads from. */
export function scansOf(stage: Stage): IndexScan[] {
  if (stage instanceof IndexScan) return [stage];
  return stage.children.flatMap(scansOf);
}
