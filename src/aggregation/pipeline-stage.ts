import type { MetaWord, ParseContext, Value } from '../expressions/index.ts';
import type { Stage } from '../plan/index.ts';
import type { Filter, SortPattern } from '../query/index.ts';

/** What a pipeline is run with. */
export interface PipelineContext {
  /** Documents of the stages that show the server itself, by stage name with its dollar. */
  readonly sources: Readonly<Record<string, StageSource>>;
  /** What its stages want to know of documents beside their fields. */
  readonly metaWords: ReadonlySet<MetaWord>;
}

/** Makes the documents of a source stage (`$collStats`, `$currentOp` ...) from its argument. */
export type StageSource = (argument: Value) => readonly Buffer[];

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
}

/** How a stage is read from its argument; some stand for several others (`$sortByCount`). */
export interface StageDefinition {
  readonly name: string;
  parse(argument: Value, context: ParseContext): PipelineStage | readonly PipelineStage[];
}
