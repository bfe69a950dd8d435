/** What create and collMod say a view is made of. */
import { parsePipeline } from '../../aggregation/index.ts';
import { BsonType, ElementReader, type RawValue } from '../../bson/index.ts';
import { pipelineOf, stagesOf } from '../../database/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { anyMoment } from '../../expressions/index.ts';
import type { CommandBody } from '../dispatch/command-body.ts';

/** Stages that show the server or write: no view is made of them. */
const namespaceless: ReadonlySet<string> = new Set([
  '$currentOp',
  '$documents',
  '$listLocalSessions',
  '$listSessions',
]);
const writing: ReadonlySet<string> = new Set(['$merge', '$out']);

/** Of the collection or view underneath. */
export function readViewOn(body: CommandBody): string | undefined {
  const viewOn = body.optionalString('viewOn');
  if (viewOn === '') throw new MongoServerError('BadValue', "'viewOn' cannot be empty");
  return viewOn;
}

/** The stages of a view, without nulls, which MongoDB passes over. */
export function readViewPipeline(body: CommandBody): RawValue | undefined {
  const array = body.optionalArray('pipeline');
  if (array === undefined) return undefined;
  const stages = stagesOf(array).filter(({ type }, at) => {
    if (type === BsonType.null || type === BsonType.undefined) return false;
    if (type !== BsonType.object) throw body.wrongType(`pipeline.${at}`, type, "'object'");
    return true;
  });
  return pipelineOf(stages);
}

/** Throws what the stages have wrong, in themselves and as those of a view. */
export function checkViewPipeline(namespace: string, pipeline: RawValue): void {
  for (const [at, stage] of stagesOf(pipeline).entries()) {
    const reader = new ElementReader(stage.buffer, stage.start);
    const name = reader.next() ? reader.name() : '';
    if (writing.has(name)) {
      throw new MongoServerError(
        'OptionNotSupportedOnView',
        `The aggregation stage ${name} in location ${at} of the pipeline cannot be used in the view definition of ${namespace} because it writes to disk`,
      );
    }
    if (namespaceless.has(name)) {
      throw new MongoServerError(
        'InvalidNamespace',
        `${name} must be run against the database with {aggregate: 1}, not a collection`,
      );
    }
  }
  parsePipeline(pipeline, anyMoment);
}
