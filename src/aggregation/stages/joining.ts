import { BsonType, DocumentWriter, documentEnd } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { longValue, type MaybeValue, nullValue, type Value } from '../../expressions/index.ts';
import { NestingStage, type Stage, Work, type WorkResult } from '../../plan/index.ts';
import { writeWith } from '../nested-field.ts';
import type { UnwindOptions } from '../pipeline-stage.ts';

/** Bytes of what one document is joined with (MongoDB: internalLookupStageIntermediateDocumentMaxSizeBytes). */
const joinedBytesMax = 100 * 1024 * 1024;

/** What a stage that joins adds, and where. */
export interface Joining {
  readonly name: string;
  /** Of the other collection, for messages. */
  readonly from: string;
  readonly as: readonly string[];
  /** Each document it is joined with makes a document of its own, without the array of all of them. */
  readonly unwind: UnwindOptions | undefined;
}

/** Takes documents from below one by one, and adds to each the documents it is joined with. */
export abstract class JoiningStage extends NestingStage {
  readonly name: string;
  readonly #source: Stage;
  readonly #joining: Joining;
  readonly #writer = new DocumentWriter();
  /** In bytes of its own; undefined: the next is to be taken. */
  #document: Buffer | undefined;
  #array = new DocumentWriter();
  #count = 0;

  constructor(source: Stage, joining: Joining) {
    super([source]);
    this.name = joining.name;
    this.#source = source;
    this.#joining = joining;
  }

  /** Begins to look for what `document`, whose bytes may be kept, is joined with. */
  protected abstract search(document: Buffer): void;

  /** One step: `joined` for each document found, and `finish` after the last. */
  protected abstract step(): WorkResult;

  work(): WorkResult {
    if (this.#document !== undefined) return this.step();
    const source = this.#source;
    const result = source.work();
    if (result !== Work.advanced) return result;
    const { buffer, start } = source;
    this.metadata = source.metadata;
    this.#document = Buffer.from(buffer.subarray(start, documentEnd(buffer, start)));
    this.#count = 0;
    if (this.#joining.unwind === undefined) this.#array.startDocument();
    this.search(this.#document);
    return Work.needTime;
  }

  /** A document that was found; its bytes are copied. */
  protected joined(buffer: Buffer, start: number): WorkResult {
    const end = documentEnd(buffer, start);
    const at = this.#count++;
    const { unwind, from } = this.#joining;
    if (unwind !== undefined) {
      return this.#emit({ buffer, type: BsonType.object, start, end }, longValue(BigInt(at)));
    }
    const array = this.#array;
    array.rawBytes(String(at), BsonType.object, buffer, start, end);
    if (array.position > joinedBytesMax) {
      throw new MongoServerError(
        4568,
        `Total size of documents in ${from} matching pipeline's ${this.name} stage exceeds ${joinedBytesMax} bytes`,
      );
    }
    return Work.needTime;
  }

  /** All were found. */
  protected finish(): WorkResult {
    const { unwind } = this.#joining;
    if (unwind !== undefined) {
      const isBare = this.#count === 0 && unwind.keepsEmpty;
      const result = isBare ? this.#emit(undefined, nullValue) : Work.needTime;
      this.#document = undefined;
      return result;
    }
    this.#array.end();
    const array = this.#array.finish();
    const value = { buffer: array, type: BsonType.array, start: 0, end: array.length };
    const result = this.#emit(value, undefined);
    this.#document = undefined;
    return result;
  }

  #emit(value: MaybeValue, index: Value | undefined): WorkResult {
    this.buffer = this.#with(this.#document!, this.#joining.as, value, value !== undefined);
    const indexField = this.#joining.unwind?.indexField;
    if (indexField !== undefined) this.buffer = this.#with(this.buffer, indexField, index, true);
    this.start = 0;
    this.stats.advanced++;
    return Work.advanced;
  }

  #with(document: Buffer, path: readonly string[], value: MaybeValue, creates: boolean): Buffer {
    const writer = this.#writer;
    writer.startDocument();
    writeWith(writer, document, 0, path, value, creates);
    writer.end();
    return writer.finish();
  }
}
