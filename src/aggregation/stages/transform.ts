import { DocumentWriter } from '../../bson/index.ts';
import { Scope, type Value } from '../../expressions/index.ts';
import { Stage, Work, type WorkResult } from '../../plan/index.ts';

const noDocument = Buffer.from([5, 0, 0, 0, 0]);

/** Writes the changed document into the document that is open in `writer`. */
export type WriteChanged = (
  writer: DocumentWriter,
  buffer: Buffer,
  start: number,
  scope: Scope,
) => void;

/** One document in, one document out. */
export class Transform extends Stage {
  readonly name: string;
  readonly #source: Stage;
  readonly #change: WriteChanged;
  readonly #scope: Scope;
  readonly #writer = new DocumentWriter();

  constructor(name: string, source: Stage, change: WriteChanged, now: Value) {
    super([source]);
    this.name = name;
    this.#source = source;
    this.#change = change;
    this.#scope = new Scope(noDocument, 0, now);
  }

  work(): WorkResult {
    const source = this.#source;
    const result = source.work();
    if (result !== Work.advanced) return result;
    const scope = this.#scope;
    scope.buffer = source.buffer;
    scope.start = source.start;
    const writer = this.#writer;
    writer.reset();
    writer.startDocument();
    this.#change(writer, source.buffer, source.start, scope);
    writer.end();
    this.buffer = writer.finish();
    this.start = 0;
    this.recordId = source.recordId;
    this.stats.advanced++;
    return Work.advanced;
  }
}
