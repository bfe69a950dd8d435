import { BsonType, decodeValue, ElementReader } from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import {
  type MetaWord,
  noVariables,
  ParseContext,
  type Value,
  type Variables,
} from '../expressions/index.ts';
import type { Stage } from '../plan/index.ts';
import { type Filter, type SortPattern, textNodeOf } from '../query/index.ts';
import type { PipelineContext, PipelineStage } from './pipeline-stage.ts';
import { missingStages, stages } from './stages/index.ts';
import { sortStage } from './stages/sort.ts';
import { DocumentList } from './stages/source.ts';

/** MongoDB's internalPipelineLengthLimit. */
const maxPipelineStages = 1000;

/** What of a pipeline's front goes into the plan of the collection. */
interface PipelineFront {
  /** The bytes of the `$match`, to be planned; undefined: everything. */
  readonly filter?: Filter | undefined;
  readonly sort?: SortPattern | undefined;
  readonly sortSpec?: Value | undefined;
  readonly skip?: number | undefined;
  readonly limit?: number | undefined;
}

interface BuildOptions {
  readonly sources?: PipelineContext['sources'];
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

  constructor(parsed: readonly PipelineStage[], metaWords: ReadonlySet<MetaWord>) {
    this.stages = parsed;
    this.metaWords = new Set([
      ...metaWords,
      ...parsed.flatMap(({ sort }) => sort?.metaWords ?? []),
    ]);
    this.isSource = parsed[0]?.isSource === true;
    const { front, length } = this.isSource ? { front: {}, length: 0 } : takeFront(parsed);
    this.front = front;
    this.#frontLength = length;
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
    return this.#build(new DocumentList('VIRTUAL_SCAN', documents), this.stages, options);
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
    return { sources: options.sources ?? {}, metaWords: this.metaWords };
  }
}

function takeFront(list: readonly PipelineStage[]): { front: PipelineFront; length: number } {
  let at = 0;
  let filter: Filter | undefined;
  let sort: SortPattern | undefined;
  let sortSpec: Value | undefined;
  let skip: number | undefined;
  let limit: number | undefined;
  if (list[at]?.filter !== undefined) filter = list[at++]!.filter;
  if (list[at]?.sort !== undefined) {
    sort = list[at]!.sort;
    sortSpec = list[at]!.argument;
    at++;
  }
  if (list[at]?.skip !== undefined) skip = list[at++]!.skip;
  if (list[at]?.limit !== undefined) limit = list[at++]!.limit;
  return { front: { filter, sort, sortSpec, skip, limit }, length: at };
}

/**
 * Reads a pipeline: every stage, expression and accumulator is checked before anything runs.
 * `value` is the array of a command; anything else is refused as the command would.
 */
export function parsePipeline(value: Value, variables: Variables = noVariables): Pipeline {
  if (value.type !== BsonType.array) {
    throw new MongoServerError('TypeMismatch', "'pipeline' option must be specified as an array");
  }
  const parsed: PipelineStage[] = [];
  const reader = new ElementReader(value.buffer, value.start);
  const context = ParseContext.ofPipeline(variables);
  let count = 0;
  while (reader.next()) {
    if (++count > maxPipelineStages) {
      throw new MongoServerError(
        7749501,
        `Pipeline length must be no longer than ${maxPipelineStages} stages`,
      );
    }
    if (reader.type !== BsonType.object) {
      throw new MongoServerError(
        'TypeMismatch',
        "Each element of the 'pipeline' array must be an object",
      );
    }
    for (const stage of parseStage(reader.value(), context)) {
      if (stage.isSource === true && parsed.length > 0) {
        throw new MongoServerError(
          40602,
          `${stage.name} is only valid as the first stage in a pipeline`,
        );
      }
      if (parsed.length > 0 && stage.filter && textNodeOf(stage.filter.root) !== undefined) {
        throw new MongoServerError(
          17313,
          '$match with $text is only allowed as the first pipeline stage',
        );
      }
      parsed.push(stage);
    }
  }
  return new Pipeline(joinSortAndLimit(parsed), context.metaWords);
}

function parseStage(spec: Value, context: ParseContext): readonly PipelineStage[] {
  const reader = new ElementReader(spec.buffer, spec.start);
  const isEmpty = !reader.next();
  const name = isEmpty ? '' : reader.name();
  const argument = isEmpty ? undefined : reader.value();
  if (argument === undefined || reader.next()) {
    throw new MongoServerError(
      40323,
      'A pipeline stage specification object must contain exactly one field.',
    );
  }
  const definition = stages.get(name);
  if (definition === undefined) {
    if (missingStages.has(name)) {
      throw new MongoServerError('NotImplemented', `Stage ${name} is not implemented`);
    }
    throw new MongoServerError(40324, `Unrecognized pipeline stage name: '${name}'`);
  }
  return [definition.parse(argument, context)].flat();
}

/** A sort that is followed by a limit keeps only so many documents. */
function joinSortAndLimit(list: readonly PipelineStage[]): PipelineStage[] {
  return list.map((stage, at) => {
    if (stage.sort === undefined) return stage;
    const next = list[at + 1];
    const afterSkip = next?.skip === undefined ? next : list[at + 2];
    const limit = afterSkip?.limit;
    return limit === undefined
      ? stage
      : sortStage(stage.argument, limit + (next?.skip ?? 0), stage.sort.collation);
  });
}

/** What a stage gave, as explain shows it beside its argument. */
export interface StageResults {
  readonly nReturned: bigint;
  readonly executionTimeMillisEstimate: bigint;
}

/** The stages as explain shows them, of a pipeline that ran with what each gave. */
export function explainStages(
  list: readonly PipelineStage[],
  results: readonly StageResults[] = [],
): Record<string, unknown>[] {
  return list.map((stage, at) => ({ [stage.name]: decodeValue(stage.argument), ...results[at] }));
}
