import type { Projection } from '../../query/index.ts';
import { Stage, Work, type WorkResult } from '../stage.ts';

/** The fields the client asked for, copied from the document below into bytes of its own. */
export class ProjectionStage extends Stage {
  readonly name: string;
  readonly #child: Stage;
  readonly #projection: Projection;
  readonly #transformBy: Record<string, unknown>;

  constructor(child: Stage, projection: Projection, transformBy: Record<string, unknown>) {
    super([child]);
    const isSimple = Object.entries(transformBy).every(
      ([path, rule]) =>
        !path.includes('.') && (typeof rule === 'number' || typeof rule === 'boolean'),
    );
    this.name = isSimple ? 'PROJECTION_SIMPLE' : 'PROJECTION_DEFAULT';
    this.#child = child;
    this.#projection = projection;
    this.#transformBy = transformBy;
  }

  work(): WorkResult {
    const stats = this.stats;
    stats.works++;
    const child = this.#child;
    const result = child.work();
    if (result === Work.advanced) {
      this.buffer = this.#projection.apply(child.buffer, child.start, child.metadata);
      this.start = 0;
      this.recordId = child.recordId;
      this.metadata = child.metadata;
      stats.advanced++;
    } else if (result === Work.needTime) stats.needTime++;
    else stats.isEof = true;
    return result;
  }

  override explainFields(): Record<string, unknown> {
    return { transformBy: this.#transformBy };
  }
}
