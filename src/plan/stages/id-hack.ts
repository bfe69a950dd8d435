import type { CollectionInfo, IndexInfo, Reader } from '../../../storage/index.ts';
import type { RawValue } from '../../bson/index.ts';
import { findById, idIndexOf } from '../find-by-id.ts';
import { Stage, Work, type WorkResult } from '../stage.ts';

/** The one document with a given `_id`. */
export class IdHack extends Stage {
  readonly name = 'IDHACK';
  readonly #collection: CollectionInfo;
  readonly #id: RawValue;
  #reader: Reader | undefined;
  #isDone = false;
  #examined = 0;

  constructor(collection: CollectionInfo, id: RawValue) {
    super([]);
    this.#collection = collection;
    this.#id = id;
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
    if (this.#isDone) return Work.done;
    this.#isDone = true;
    stats.isEof = true;
    const found = findById(this.#reader!, this.#collection, this.#id);
    if (found === undefined) return Work.done;
    this.#examined = 1;
    this.buffer = found.buffer;
    this.start = found.start;
    this.recordId = found.recordId;
    stats.advanced++;
    return Work.advanced;
  }

  /** The index the lookup stands for. */
  get index(): IndexInfo | undefined {
    return idIndexOf(this.#collection);
  }

  override get keysExamined(): number {
    return this.#examined;
  }

  override get documentsExamined(): number {
    return this.#examined;
  }

  override explainCounters(): Record<string, unknown> {
    return { keysExamined: this.#examined, docsExamined: this.#examined };
  }
}
