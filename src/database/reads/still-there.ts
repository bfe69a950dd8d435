import type { CollectionInfo, Reader } from '../../../storage/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { Stage, Work, type WorkResult } from '../../plan/index.ts';
import type { Database } from '../database.ts';
import type { ReadView } from './read-view.ts';

/**
 * Throws QueryPlanKilled when a collection, or an index of it, is gone that a plan was made for. A pinned
 * view keeps what it has; the newest state does not.
 */
export function checkStillThere(
  { catalog, virtualCollections }: Pick<Database, 'catalog' | 'virtualCollections'>,
  view: ReadView,
  planned: CollectionInfo | undefined,
): void {
  if (planned === undefined || view.isLatest !== true) return;
  if (virtualCollections.has(planned.namespace)) return;
  const now = catalog.byId(planned.id);
  if (now === planned) return;
  if (now === undefined) {
    throw new MongoServerError('QueryPlanKilled', `collection dropped: ${planned.namespace}`);
  }
  for (const index of planned.indexes) {
    if (index.state === 'ready' && !now.indexes.some(({ id }) => id === index.id)) {
      throw new MongoServerError('QueryPlanKilled', `index '${index.name}' dropped`);
    }
  }
}

interface Guard {
  /** Before each slice; throws when the plan is for what is no more. */
  readonly check: () => void;
  /** When the plan shall run no further. */
  readonly finished: () => void;
}

/** A plan inside of another, which looks after itself as a cursor does for its own. */
export class GuardedPlan extends Stage {
  readonly name = 'GUARDED';
  readonly #plan: Stage;
  readonly #guard: Guard;

  constructor(plan: Stage, guard: Guard) {
    super([plan]);
    this.#plan = plan;
    this.#guard = guard;
  }

  override attach(reader: Reader): void {
    this.#guard.check();
    super.attach(reader);
  }

  override release(): void {
    super.release();
    this.#guard.finished();
  }

  work(): WorkResult {
    const result = this.#plan.work();
    if (result === Work.advanced) {
      this.take(this.#plan);
      this.stats.advanced++;
    }
    return result;
  }
}
