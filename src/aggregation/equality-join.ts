/**
 * Reads documents of another collection by the values at one of their paths, over and over. An index is
 * used when there is one; else the collection is scanned once for the first values, and read into a
 * table for all later ones, unless it is too large for that.
 */
import type { MetaWord, Value } from '../expressions/index.ts';
import { NestingStage, type Stage, Work, type WorkResult } from '../plan/index.ts';
import { equalityFilter } from './equality-keys.ts';
import { EqualityTable } from './equality-table.ts';
import { Pipeline } from './pipeline.ts';
import type { PipelineContext } from './pipeline-stage.ts';
import { foreignOf } from './stages/foreign.ts';
import { matchStage } from './stages/match.ts';

interface JoinedCollection {
  readonly namespace: string;
  /** What stands before the equality: stages of views, or the documents themselves. */
  readonly head: Pipeline;
  readonly path: string;
  /** Of the stage that joins, for messages. */
  readonly stage: string;
}

export class EqualityJoin {
  readonly #from: JoinedCollection;
  readonly #context: PipelineContext;
  /** `planned`: no table is wanted. */
  #way: 'unknown' | 'planned' | EqualityTable = 'unknown';

  constructor(from: JoinedCollection, context: PipelineContext) {
    this.#from = from;
    this.#context = context;
  }

  /** What `tail` makes of the documents with one of these values. */
  open(keys: readonly Value[], tail: Pipeline | undefined): Stage {
    if (this.#way instanceof EqualityTable) {
      const read = new TableRead(this.#way, keys, this);
      return tail === undefined ? read : tail.buildAbove(read, this.#context);
    }
    const { root, scansCollection } = this.#plan(keys, tail);
    if (this.#way === 'unknown') {
      const { head, path } = this.#from;
      const helps = scansCollection || head.stages.some(({ filter }) => filter === undefined);
      this.#way = helps ? new EqualityTable(path, head.collation) : 'planned';
    }
    return root;
  }

  /** All documents, for the table. */
  openAll(): Stage {
    const { head, namespace, stage } = this.#from;
    return foreignOf(this.#context, stage).open(head, namespace).root;
  }

  /** There is too much for a table: the documents with one of these values, and from now on without. */
  abandonTable(keys: readonly Value[]): Stage {
    this.#way = 'planned';
    return this.#plan(keys, undefined).root;
  }

  #plan(keys: readonly Value[], tail: Pipeline | undefined) {
    const { head, namespace, path, stage } = this.#from;
    const equality = matchStage(equalityFilter(path, keys, head.collation));
    const pipeline = new Pipeline(
      [...head.stages, equality, ...(tail?.stages ?? [])],
      new Set<MetaWord>([...head.metaWords, ...(tail?.metaWords ?? [])]),
      head.collation,
    );
    return foreignOf(this.#context, stage).open(pipeline, namespace);
  }
}

/** The documents with one of some values: fills the table first when that has not been done. */
class TableRead extends NestingStage {
  readonly name = 'EQUALITY_TABLE';
  readonly #table: EqualityTable;
  readonly #keys: readonly Value[];
  readonly #join: EqualityJoin;
  #found: readonly Buffer[] | undefined;
  #next = 0;
  /** In place of the table. */
  #isPlanned = false;

  constructor(table: EqualityTable, keys: readonly Value[], join: EqualityJoin) {
    super([]);
    this.#table = table;
    this.#keys = keys;
    this.#join = join;
  }

  work(): WorkResult {
    if (this.#isPlanned) return this.#pass();
    if (!this.#table.isComplete) {
      this.#fill();
      return Work.needTime;
    }
    this.#found ??= this.#table.find(this.#keys);
    const document = this.#found[this.#next];
    if (document === undefined) return Work.done;
    this.#next++;
    this.buffer = document;
    this.start = 0;
    this.stats.advanced++;
    return Work.advanced;
  }

  #fill(): void {
    if (this.inner === undefined) this.begin(this.#join.openAll());
    const all = this.inner!;
    const result = all.work();
    if (result === Work.done) {
      this.end();
      this.#table.isComplete = true;
    } else if (result === Work.advanced && !this.#table.add(all.buffer, all.start)) {
      this.begin(this.#join.abandonTable(this.#keys));
      this.#isPlanned = true;
    }
  }

  #pass(): WorkResult {
    const inner = this.inner!;
    const result = inner.work();
    if (result === Work.advanced) {
      this.take(inner);
      this.stats.advanced++;
    }
    return result;
  }
}
