import { type Collation, decodeValue } from '../bson/index.ts';
import type { MetaWord, Value } from '../expressions/index.ts';
import type { Stage } from '../plan/index.ts';
import { Filter, type SortPattern } from '../query/index.ts';
import type { PipelineOutput } from './pipeline-output.ts';
import type { PipelineContext, PipelineStage } from './pipeline-stage.ts';
import { sortStage } from './stages/sort.ts';
import { DocumentList } from './stages/source.ts';

/** What of a pipeline's front goes into the plan of the collection. */
interface PipelineFront {
  /** The bytes of the `$match`, to be planned; undefined: everything. */
  readonly filter?: Filter | undefined;
  readonly sort?: SortPattern | undefined;
  readonly sortSpec?: Value | undefined;
  readonly skip?: number | undefined;
  readonly limit?: number | undefined;
  /** Instead of all others. */
  readonly near?: PipelineStage['near'];
}

interface BuildOptions {
  readonly sources?: PipelineContext['sources'];
  readonly foreign?: PipelineContext['foreign'];
}

/** A pipeline that was read and checked as a whole. */
export class Pipeline {
  /** All stages, in order, with `$sort` and a following `$limit` made one. */
  readonly stages: readonly PipelineStage[];
  readonly front: PipelineFront;
  /** The first stage makes its documents itself: no collection is read. */
  readonly isSource: boolean;
  /** How many stages `front` stands for. */
  readonly #frontLength: number;

  /** What its stages want to know of documents beside their fields. */
  readonly metaWords: ReadonlySet<MetaWord>;

  /** Of its comparisons; undefined: the order of bytes. */
  readonly collation: Collation | undefined;

  constructor(
    parsed: readonly PipelineStage[],
    metaWords: ReadonlySet<MetaWord>,
    collation: Collation | undefined,
  ) {
    this.stages = parsed;
    this.collation = collation;
    this.metaWords = new Set([
      ...metaWords,
      ...parsed.flatMap(({ sort }) => sort?.metaWords ?? []),
      ...parsed.flatMap(({ near }) => near?.metaWords ?? []),
    ]);
    this.isSource = parsed[0]?.isSource === true;
    const { front, length } = this.isSource ? { front: {}, length: 0 } : takeFront(parsed);
    this.front = front;
    this.#frontLength = length;
  }

  /** Where the documents go; undefined: to the client. */
  get output(): PipelineOutput | undefined {
    return this.stages.at(-1)?.output;
  }

  /** The stages behind the front. */
  get rest(): readonly PipelineStage[] {
    return this.stages.slice(this.#frontLength);
  }

  /** Puts the stages behind the front above `source`, the plan of the front. */
  build(source: Stage | undefined, options: BuildOptions = {}): Stage {
    return this.#build(source, this.rest, options);
  }

  /** All stages above documents that are there already, instead of a plan. */
  buildOver(documents: () => readonly Buffer[], options: BuildOptions = {}): Stage {
    return this.buildAbove(new DocumentList('VIRTUAL_SCAN', documents), options);
  }

  /** All stages above what another gives. */
  buildAbove(source: Stage, options: BuildOptions = {}): Stage {
    return this.#build(source, this.stages, options);
  }

  /** Like `build`; the results of all stages, in their order. */
  buildEach(source: Stage | undefined, options: BuildOptions = {}): Stage[] {
    const context = this.#contextOf(options);
    const built: Stage[] = [];
    for (const next of this.rest) built.push(next.build(built.at(-1) ?? source, context));
    return built;
  }

  #build(source: Stage | undefined, list: readonly PipelineStage[], options: BuildOptions): Stage {
    const context = this.#contextOf(options);
    let stage = source;
    for (const next of list) stage = next.build(stage, context);
    if (stage === undefined) throw new Error('a pipeline without stages needs a source');
    return stage;
  }

  #contextOf(options: BuildOptions): PipelineContext {
    const { sources = {}, foreign } = options;
    return { sources, foreign, metaWords: this.metaWords };
  }
}

function takeFront(list: readonly PipelineStage[]): { front: PipelineFront; length: number } {
  // The stage stays behind the plan, and writes the distances.
  if (list[0]?.near !== undefined) return { front: { near: list[0].near }, length: 0 };
  let at = 0;
  let filter: Filter | undefined;
  let sort: SortPattern | undefined;
  let sortSpec: Value | undefined;
  let skip: number | undefined;
  let limit: number | undefined;
  for (; list[at]?.filter !== undefined; at++) filter = bothFilters(filter, list[at]!.filter!);
  if (list[at]?.sort !== undefined) {
    sort = list[at]!.sort;
    sortSpec = list[at]!.argument;
    at++;
  }
  if (list[at]?.skip !== undefined) skip = list[at++]!.skip;
  if (list[at]?.limit !== undefined) limit = list[at++]!.limit;
  return { front: { filter, sort, sortSpec, skip, limit }, length: at };
}

/** Documents that match one after the other match both at once. */
function bothFilters(first: Filter | undefined, second: Filter): Filter {
  if (first === undefined || first.isEmpty) return second;
  if (second.isEmpty) return first;
  const children = [first, second].flatMap(({ root }) =>
    root.kind === 'and' ? root.children : [root],
  );
  return new Filter({ kind: 'and', children }, first.collation);
}

/** Stages that are one with the next: a sort with a limit, a `$lookup` with the `$unwind` of what it adds. */
export function joinStages(list: readonly PipelineStage[]): PipelineStage[] {
  const joined: PipelineStage[] = [];
  for (const [at, stage] of list.entries()) {
    const before = joined.at(-1);
    const both = stage.unwind && before?.withUnwind?.(stage.unwind);
    if (both !== undefined) joined[joined.length - 1] = both;
    else joined.push(stage.sort === undefined ? stage : sortWithLimit(stage, list, at));
  }
  return joined;
}

/** A sort that is followed by a limit keeps only so many documents. */
function sortWithLimit(
  stage: PipelineStage,
  list: readonly PipelineStage[],
  at: number,
): PipelineStage {
  const next = list[at + 1];
  const afterSkip = next?.skip === undefined ? next : list[at + 2];
  const limit = afterSkip?.limit;
  return limit === undefined
    ? stage
    : sortStage(stage.argument, limit + (next?.skip ?? 0), stage.sort?.collation);
}

/** What a stage gave, as explain shows it beside its argument. */
export interface StageResults {
  /** The stage that ran. */
  readonly built?: Stage;
  readonly nReturned: bigint;
  readonly executionTimeMillisEstimate: bigint;
}

/** The stages as explain shows them, of a pipeline that ran with what each gave. */
export function explainStages(
  list: readonly PipelineStage[],
  results: readonly StageResults[] = [],
): Record<string, unknown>[] {
  return list.map((stage, at) => {
    const { built, ...given } = results[at] ?? {};
    const shown = stage.explain?.(built) ?? { [stage.name]: decodeValue(stage.argument) };
    return { ...shown, ...given };
  });
}
