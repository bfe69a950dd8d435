import { borrowRecord, type CollectionInfo, type Reader } from '../../../storage/index.ts';
import { BsonType, DocumentWriter, decodeKeyString, type RawValue } from '../../bson/index.ts';
import type { Projection } from '../../query/index.ts';
import { Stage, Work, type WorkResult } from '../stage.ts';
import type { IndexScan } from './index-scan.ts';

/**
 * Answers from the keys of an index, without the documents. A key tells missing from null as little as
 * an index does, so for a null the document is asked.
 */
export class ProjectionCovered extends Stage {
  readonly name = 'PROJECTION_COVERED';
  readonly #scan: IndexScan;
  readonly #collection: CollectionInfo;
  readonly #projection: Projection;
  readonly #transformBy: Record<string, unknown>;
  readonly #descending: readonly boolean[];
  /** Of each key field the name to show it under; undefined: not asked for. */
  readonly #names: readonly (string | undefined)[];
  readonly #writer = new DocumentWriter();
  #reader: Reader | undefined;
  #fetched = 0;

  constructor(
    scan: IndexScan,
    collection: CollectionInfo,
    projection: Projection,
    transformBy: Record<string, unknown>,
  ) {
    super([scan]);
    this.#scan = scan;
    this.#collection = collection;
    this.#projection = projection;
    this.#transformBy = transformBy;
    const { keyPattern } = scan.bounds.index;
    this.#descending = keyPattern.map((field) => field.direction === -1);
    this.#names = keyPattern.map(({ path }) => {
      const isAsked =
        path === '_id' ? transformBy._id !== 0 && transformBy._id !== false : path in transformBy;
      return isAsked ? path : undefined;
    });
  }

  override attach(reader: Reader): void {
    super.attach(reader);
    this.#reader = reader;
  }

  override detach(): void {
    super.detach();
    this.#reader = undefined;
  }

  work(): WorkResult {
    const stats = this.stats;
    stats.works++;
    const scan = this.#scan;
    const result = scan.work();
    if (result !== Work.advanced) {
      if (result === Work.needTime) stats.needTime++;
      else stats.isEof = true;
      return result;
    }
    const { keyString, typeBits } = scan.cursor!;
    const values = decodeKeyString(keyString, typeBits, this.#descending);
    const isTold = this.#names.every(
      (name, at) => name === undefined || values[at]!.type !== BsonType.null,
    );
    if (!(isTold ? this.#write(values) : this.#fetch(scan.recordId))) {
      stats.needTime++;
      return Work.needTime;
    }
    this.start = 0;
    this.recordId = scan.recordId;
    stats.advanced++;
    return Work.advanced;
  }

  override get documentsExamined(): number {
    return this.#fetched;
  }

  override explainFields(): Record<string, unknown> {
    return { transformBy: this.#transformBy };
  }

  #write(values: readonly RawValue[]): true {
    const writer = this.#writer;
    writer.reset();
    writer.startDocument();
    for (let at = 0; at < values.length; at++) {
      const name = this.#names[at];
      if (name !== undefined) writer.raw(name, values[at]!);
    }
    writer.end();
    this.buffer = writer.finish();
    return true;
  }

  #fetch(recordId: number): boolean {
    const record = borrowRecord(this.#reader!, this.#collection, recordId);
    if (record === undefined) return false;
    this.#fetched++;
    this.buffer = this.#projection.apply(record.buffer, record.start);
    return true;
  }
}

/** Whether a projection only asks for whole fields that the key of an index has. */
export function isCovered(
  spec: Record<string, unknown> | undefined,
  keyPaths: readonly string[],
): spec is Record<string, unknown> {
  if (spec === undefined) return false;
  const isZero = (value: unknown): boolean => value === 0 || value === false;
  const entries = Object.entries(spec);
  const included = entries.filter(([, rule]) => !isZero(rule)).map(([path]) => path);
  const excluded = entries.filter(([, rule]) => isZero(rule)).map(([path]) => path);
  if (entries.some(([, rule]) => typeof rule !== 'number' && typeof rule !== 'boolean'))
    return false;
  if (excluded.some((path) => path !== '_id')) return false;
  if (!excluded.includes('_id') && !included.includes('_id')) included.push('_id');
  return (
    entries.length > excluded.length &&
    included.every((path) => !path.includes('.') && !path.includes('$') && keyPaths.includes(path))
  );
}
