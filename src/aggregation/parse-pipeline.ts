/** Reads pipelines: every stage, expression and accumulator is checked before anything runs. */
import { BsonType, ElementReader } from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { noVariables, ParseContext, type Value, type Variables } from '../expressions/index.ts';
import { textNodeOf } from '../query/index.ts';
import { joinStages, Pipeline } from './pipeline.ts';
import type {
  ForeignNamespace,
  InsideOptions,
  PipelineStage,
  StagePlace,
} from './pipeline-stage.ts';
import { checkPlace } from './stage-places.ts';
import { missingStages, stages } from './stages/index.ts';

/** MongoDB's internalPipelineLengthLimit. */
const maxPipelineStages = 1000;
/** MongoDB's internalMaxSubPipelineViewDepth. */
const maxDepth = 20;

/**
 * Pipelines inside of stages that are read at once. Views that read one another twice on each level are
 * the double each level higher, and they may stand 20 high.
 */
const maxNestedPipelines = 5000;

/** Where a pipeline is to run. */
export interface PipelineHome {
  readonly database: string;
  resolve(collection: string): ForeignNamespace;
}

/** A pipeline that is only checked: every name is a collection's. */
const anywhere: PipelineHome = {
  database: '',
  resolve: (name) => ({ name, namespace: name, stages: [] }),
};

/** `value` is the array of a command; anything else is refused as the command would. */
export function parsePipeline(
  value: Value,
  variables: Variables = noVariables,
  home: PipelineHome = anywhere,
): Pipeline {
  if (value.type !== BsonType.array) {
    throw new MongoServerError('TypeMismatch', "'pipeline' option must be specified as an array");
  }
  const list: Value[] = [];
  const reader = new ElementReader(value.buffer, value.start);
  while (reader.next()) list.push(reader.value());
  return new Place(home, undefined).read(list, variables);
}

/** What is read at once: when a command is, and when a stage reads a pipeline anew for a document. */
interface Reading {
  pipelines: number;
  isDone: boolean;
}

/** Where a pipeline stands: at the top, or in a stage of one that stands at `outer`. */
class Place implements StagePlace {
  readonly database: string;
  readonly #home: PipelineHome;
  readonly inside: InsideOptions | undefined;
  readonly #depth: number;
  /** Shared by all that is read with the pipeline at the top. */
  readonly #reading: Reading;
  readonly isInFacet: boolean;

  constructor(home: PipelineHome, inside: InsideOptions | undefined, outer?: Place) {
    this.database = home.database;
    this.#home = home;
    this.inside = inside;
    // A facet has the documents of the pipeline around it and is no deeper.
    this.#depth =
      (outer === undefined ? -1 : outer.#depth) + (inside?.overDocuments === true ? 0 : 1);
    this.#reading =
      outer === undefined || outer.#reading.isDone
        ? { pipelines: 0, isDone: false }
        : outer.#reading;
    this.isInFacet = inside?.inside === '$facet' || outer?.isInFacet === true;
    if (this.#depth > maxDepth) {
      throw new MongoServerError(
        'MaxSubPipelineDepthExceeded',
        `Maximum number of nested sub-pipelines exceeded. Limit is ${maxDepth}`,
      );
    }
  }

  resolve(collection: string): ForeignNamespace {
    return this.#home.resolve(collection);
  }

  parseInside(list: readonly Value[], options: InsideOptions): Pipeline {
    return new Place(this.#home, options, this).read(list, options.variables);
  }

  read(list: readonly Value[], variables: Variables): Pipeline {
    const reading = this.#reading;
    const isOutermost = reading.pipelines === 0;
    if (++reading.pipelines > maxNestedPipelines) {
      throw new MongoServerError(
        'ExceededMemoryLimit',
        `A pipeline may hold no more than ${maxNestedPipelines} others, those of views included`,
      );
    }
    try {
      return parseStages(list, variables, this);
    } finally {
      if (isOutermost) reading.isDone = true;
    }
  }
}

function parseStages(list: readonly Value[], variables: Variables, place: Place): Pipeline {
  const parsed: PipelineStage[] = [];
  const context = ParseContext.ofPipeline(variables);
  if (list.length > maxPipelineStages) {
    throw new MongoServerError(
      7749501,
      `Pipeline length must be no longer than ${maxPipelineStages} stages`,
    );
  }
  for (const [at, spec] of list.entries()) {
    if (spec.type !== BsonType.object) {
      throw new MongoServerError(
        'TypeMismatch',
        "Each element of the 'pipeline' array must be an object",
      );
    }
    for (const stage of parseStage(spec, at, context, place)) {
      const isFirst = parsed.length === 0;
      const last = parsed.at(-1);
      if (last?.output !== undefined) {
        throw new MongoServerError(
          40601,
          `${last.name} can only be the final stage in the pipeline`,
        );
      }
      if (stage.near !== undefined && !isFirst) {
        throw new MongoServerError(40603, '$geoNear was not the first stage in the pipeline.');
      }
      if (stage.isSource === true && !isFirst) {
        throw new MongoServerError(
          40602,
          `${stage.name} is only valid as the first stage in a pipeline`,
        );
      }
      const mayHaveText = isFirst && place.inside?.overDocuments !== true;
      if (!mayHaveText && stage.filter && textNodeOf(stage.filter.root) !== undefined) {
        throw new MongoServerError(
          17313,
          '$match with $text is only allowed as the first pipeline stage',
        );
      }
      parsed.push(stage);
    }
    place.inside?.afterStage?.(at);
  }
  return new Pipeline(joinStages(parsed), context.metaWords, variables.collation);
}

function parseStage(
  spec: Value,
  at: number,
  context: ParseContext,
  place: Place,
): readonly PipelineStage[] {
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
  if (place.inside !== undefined) checkPlace(name, at, place.inside, place.isInFacet);
  const definition = stages.get(name);
  if (definition === undefined) {
    if (missingStages.has(name)) {
      throw new MongoServerError('NotImplemented', `Stage ${name} is not implemented`);
    }
    throw new MongoServerError(40324, `Unrecognized pipeline stage name: '${name}'`);
  }
  return [definition.parse(argument, context, place)].flat();
}
