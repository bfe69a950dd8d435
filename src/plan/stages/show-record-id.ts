import { DocumentWriter, ElementReader } from '../../bson/index.ts';
import { Stage, Work, type WorkResult } from '../stage.ts';

/** Adds `$recordId`, the number a document is kept by, as its last field. */
export class ShowRecordId extends Stage {
  readonly name = 'PROJECTION_DEFAULT';
  readonly #child: Stage;
  readonly #writer = new DocumentWriter();

  constructor(child: Stage) {
    super([child]);
    this.#child = child;
  }

  work(): WorkResult {
    const { stats } = this;
    stats.works++;
    const child = this.#child;
    const result = child.work();
    if (result === Work.advanced) {
      this.recordId = child.recordId;
      this.buffer = this.#withRecordId(child.buffer, child.start);
      this.start = 0;
      this.metadata = child.metadata;
      stats.advanced++;
    } else if (result === Work.needTime) stats.needTime++;
    else stats.isEof = true;
    return result;
  }

  override explainFields(): Record<string, unknown> {
    return { transformBy: { $recordId: { $meta: 'recordId' } } };
  }

  #withRecordId(buffer: Buffer, start: number): Buffer {
    const writer = this.#writer;
    writer.reset();
    writer.startDocument();
    const reader = new ElementReader(buffer, start);
    while (reader.next()) writer.element(buffer, reader.elementStart, reader.end);
    writer.int64('$recordId', this.recordId);
    writer.end();
    return writer.finish();
  }
}
