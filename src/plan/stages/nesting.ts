/** A stage that runs further plans while it works, one at a time, on the state its own plan reads. */
import type { Reader } from '../../../storage/index.ts';
import type { SortSpace } from '../sort-space.ts';
import { Stage } from '../stage.ts';
import { IdHack } from './id-hack.ts';
import { IndexScan } from './index-scan.ts';

/** What the plans a stage has run have looked at. */
export interface Examined {
  keys: number;
  documents: number;
  /** Plans that have read a collection whole. */
  collectionScans: number;
  /** Names of the indexes that were scanned. */
  readonly indexes: Set<string>;
}

/**
 * Invariants
 * - The inner plan is attached when this stage is, and has the same space for its sorts.
 * - It is let go of when it is ended, when another begins, and when this stage is released.
 */
export abstract class NestingStage extends Stage {
  readonly examined: Examined = {
    keys: 0,
    documents: 0,
    collectionScans: 0,
    indexes: new Set(),
  };
  #reader: Reader | undefined;
  #space: SortSpace | undefined;
  #inner: Stage | undefined;

  /** The plan that is running; undefined: none. */
  protected get inner(): Stage | undefined {
    return this.#inner;
  }

  /** Only from `work`. The bytes of what this stage was given before are gone with it. */
  protected begin(plan: Stage): void {
    this.end();
    this.#inner = plan;
    if (this.#space !== undefined) plan.giveSpace(this.#space);
    if (this.#reader !== undefined) plan.attach(this.#reader);
  }

  protected end(): void {
    const plan = this.#inner;
    if (plan === undefined) return;
    this.#inner = undefined;
    if (this.#reader !== undefined) plan.detach();
    note(this.examined, plan);
    plan.release();
  }

  override attach(reader: Reader): void {
    super.attach(reader);
    this.#reader = reader;
    this.#inner?.attach(reader);
  }

  override detach(): void {
    super.detach();
    this.#reader = undefined;
    this.#inner?.detach();
  }

  override giveSpace(space: SortSpace): void {
    super.giveSpace(space);
    this.#space = space;
  }

  override release(): void {
    super.release();
    this.end();
  }
}

function note(examined: Examined, stage: Stage): void {
  examined.keys += stage.keysExamined;
  examined.documents += stage.documentsExamined;
  if (stage.name === 'COLLSCAN') examined.collectionScans += 1;
  if (stage instanceof IndexScan) examined.indexes.add(stage.bounds.index.name);
  else if (stage instanceof IdHack && stage.index !== undefined) examined.indexes.add('_id_');
  for (const child of stage.children) note(examined, child);
  if (!(stage instanceof NestingStage)) return;
  examined.keys += stage.examined.keys;
  examined.documents += stage.examined.documents;
  examined.collectionScans += stage.examined.collectionScans;
  for (const name of stage.examined.indexes) examined.indexes.add(name);
}
