import type { MetaWord, ParseContext, Value, Variables } from '../expressions/index.ts';
import type { Stage } from '../plan/index.ts';
import type { Filter, SortPattern } from '../query/index.ts';
import type { Pipeline } from './pipeline.ts';
import type { PipelineOutput } from './pipeline-output.ts';
import type { NearFront } from './stages/geo-near.ts';

/** What a pipeline is run with. */
export interface PipelineContext {
  /** Documents of the stages that show the server itself, by stage name with its dollar. */
  readonly sources: Readonly<Record<string, StageSource>>;
  /** What its stages want to know of documents beside their fields. */
  readonly metaWords: ReadonlySet<MetaWord>;
  /** Undefined where there is one collection only. */
  readonly foreign: ForeignCollections | undefined;
}

/** Makes the documents of a source stage (`$collStats`, `$currentOp` ...) from its argument. */
export type StageSource = (argument: Value) => readonly Buffer[];

/** Runs pipelines over other collections, in the state the pipeline around them reads. */
export interface ForeignCollections {
  /** A plan for one run. Its stage is attached and released by the caller; it has no results yet. */
  open(pipeline: Pipeline, namespace: string): ForeignPlan;
}

export interface ForeignPlan {
  readonly root: Stage;
  /** It reads a collection whole: no index has helped. */
  readonly scansCollection: boolean;
}

/** What the name of a collection stands for. */
export interface ForeignNamespace {
  /** As the client wrote it. */
  readonly name: string;
  /** Of the collection that is read, which need not exist. */
  readonly namespace: string;
  /** Of the views on the way to it, the lowest first: objects. */
  readonly stages: readonly Value[];
}

/** What a stage is read with that has pipelines inside, or names other collections. */
export interface StagePlace {
  /** Of the database the pipeline runs on. */
  readonly database: string;
  /** Throws InvalidNamespace, and what a view has against being read from here. */
  resolve(collection: string): ForeignNamespace;
  /** Reads a pipeline that stands inside the stage `inside`. */
  parseInside(stages: readonly Value[], options: InsideOptions): Pipeline;
}

export interface InsideOptions {
  /** The stage's name, with its dollar. */
  readonly inside: string;
  readonly variables: Variables;
  /** It has the documents of the stage, not those of a collection. */
  readonly overDocuments?: boolean;
  /** It is about no collection: its first stage makes the documents. */
  readonly withoutCollection?: boolean;
  /** Called when a stage has been read, with its position. */
  readonly afterStage?: (at: number) => void;
}

/**
 * A parsed stage. `build` puts it above the stage it pulls from; a source stage pulls from nothing.
 * The optional parts tell what the stage means, so that the front of a pipeline can go into the plan.
 */
export interface PipelineStage {
  readonly name: string;
  readonly argument: Value;
  /** Must be the first, and needs no documents from a collection. */
  readonly isSource?: boolean;
  build(source: Stage | undefined, context: PipelineContext): Stage;
  readonly filter?: Filter;
  readonly sort?: SortPattern;
  readonly limit?: number;
  readonly skip?: number;
  /** Must be the last: the documents go there, and none to the client. */
  readonly output?: PipelineOutput;
  /** Must be the first: the plan finds the documents with a geographical index. */
  readonly near?: NearFront;
  readonly unwind?: UnwindOptions;
  /** Takes a following `$unwind` of what this stage adds into itself; undefined: that is not such a one. */
  withUnwind?(unwind: UnwindOptions): PipelineStage | undefined;
  /** The stage as explain shows it, when not as its argument; `built` after it ran. */
  explain?(built: Stage | undefined): Record<string, unknown>;
}

/** `$unwind`: what of each document it makes several of. */
export interface UnwindOptions {
  readonly path: readonly string[];
  readonly indexField: readonly string[] | undefined;
  readonly keepsEmpty: boolean;
}

/** How a stage is read from its argument; some stand for several others (`$sortByCount`). */
export interface StageDefinition {
  readonly name: string;
  parse(
    argument: Value,
    context: ParseContext,
    place: StagePlace,
  ): PipelineStage | readonly PipelineStage[];
}
