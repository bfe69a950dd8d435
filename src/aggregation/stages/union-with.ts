import { BsonType, decodeValue, typeAlias } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { textOf, type Value } from '../../expressions/index.ts';
import { NestingStage, type Stage, Work, type WorkResult } from '../../plan/index.ts';
import type { Pipeline } from '../pipeline.ts';
import type {
  ForeignNamespace,
  PipelineContext,
  StageDefinition,
  StagePlace,
} from '../pipeline-stage.ts';
import { explainExamined, foreignOf } from './foreign.ts';
import { Specification } from './specification.ts';
import { startsWithDocuments } from './starts-with-documents.ts';

/** All documents from below, then those of the other pipeline. */
class UnionWithStage extends NestingStage {
  readonly name = '$unionWith';
  readonly #source: Stage;
  readonly #open: () => Stage;
  #sourceIsDone = false;
  #isDone = false;

  constructor(source: Stage, open: () => Stage) {
    super([source]);
    this.#source = source;
    this.#open = open;
  }

  work(): WorkResult {
    if (this.#isDone) return Work.done;
    if (!this.#sourceIsDone) {
      const result = this.#source.work();
      if (result === Work.advanced) return this.#give(this.#source);
      if (result === Work.done) {
        this.#sourceIsDone = true;
        this.begin(this.#open());
      }
      return Work.needTime;
    }
    const inner = this.inner!;
    const result = inner.work();
    if (result === Work.advanced) return this.#give(inner);
    if (result === Work.done) {
      this.#isDone = true;
      this.end();
    }
    return result;
  }

  #give(stage: Stage): WorkResult {
    this.take(stage);
    this.stats.advanced++;
    return Work.advanced;
  }
}

interface Union {
  readonly from: ForeignNamespace | undefined;
  readonly stages: readonly Value[];
}

/** `$unionWith`: the documents of another collection behind those of this one. */
export const unionWith: StageDefinition = {
  name: '$unionWith',
  parse(argument, { variables }, place) {
    const { from, stages } = parseUnion(argument, place);
    const pipeline = place.parseInside([...(from?.stages ?? []), ...stages], {
      inside: '$unionWith',
      variables,
      withoutCollection: from === undefined,
    });
    const namespace = from?.namespace ?? `${place.database}.$cmd.aggregate`;
    return {
      name: '$unionWith',
      argument,
      build: (source, context) =>
        new UnionWithStage(source!, () => open(pipeline, namespace, context)),
      explain: (built) => ({
        $unionWith: { coll: from?.name ?? '$cmd.aggregate', pipeline: stages.map(decodeValue) },
        ...explainExamined(built),
      }),
    };
  },
};

function open(pipeline: Pipeline, namespace: string, context: PipelineContext): Stage {
  return foreignOf(context, '$unionWith').open(pipeline, namespace).root;
}

const fields: ReadonlySet<string> = new Set(['coll', 'db', 'pipeline']);

function parseUnion(argument: Value, place: StagePlace): Union {
  if (argument.type === BsonType.string) {
    return { from: place.resolve(textOf(argument)), stages: [] };
  }
  if (argument.type !== BsonType.object) {
    throw new MongoServerError(
      'FailedToParse',
      `the $unionWith stage specification must be an object or string, but found ${typeAlias(argument.type)}`,
    );
  }
  const specification = new Specification('$unionWith', argument, fields);
  const coll = specification.optionalText('coll');
  const stages = specification.optionalPipeline('pipeline') ?? [];
  if (specification.optionalText('db') !== undefined) {
    throw new MongoServerError('NotImplemented', "The 'db' of $unionWith is not implemented");
  }
  if (coll !== undefined) return { from: place.resolve(coll), stages };
  if (startsWithDocuments(stages)) return { from: undefined, stages };
  throw new MongoServerError(
    'FailedToParse',
    '$unionWith stage without explicit collection must have a pipeline with $documents as first stage',
  );
}
