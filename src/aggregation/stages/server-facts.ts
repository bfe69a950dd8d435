import { BsonType, typeAlias } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { Value } from '../../expressions/index.ts';
import type { PipelineStage, StageDefinition } from '../pipeline-stage.ts';
import { readCollStats } from './coll-stats-argument.ts';
import { DocumentList } from './source.ts';

const emptyDocumentLength = 5;

/** A stage whose documents the assembly passes in: the room knows neither statistics nor sessions. */
export function defineServerFacts(
  name: string,
  check?: (argument: Value) => void,
): StageDefinition {
  return {
    name,
    parse: (argument) => {
      check?.(argument);
      return parsedStage(name, argument);
    },
  };
}

function parsedStage(name: string, argument: Value): PipelineStage {
  return {
    name,
    argument,
    isSource: true,
    build: (_source, context) => {
      const source = context.sources[name];
      if (source === undefined) {
        throw new MongoServerError('NotImplemented', `Stage ${name} is not implemented here`);
      }
      return new DocumentList(name, () => source(argument));
    },
  };
}

export const collStats = defineServerFacts('$collStats', readCollStats);
export const indexStats = defineServerFacts('$indexStats', ({ type, start, end }) => {
  if (type === BsonType.object && end - start === emptyDocumentLength) return;
  throw new MongoServerError(28803, 'The $indexStats stage specification must be an empty object');
});
export const currentOp = defineServerFacts('$currentOp');
export const listSessions = defineServerFacts('$listSessions', options('$listSessions'));
export const listLocalSessions = defineServerFacts(
  '$listLocalSessions',
  options('$listLocalSessions'),
);

function options(stage: string): (argument: Value) => void {
  return ({ type }) => {
    if (type === BsonType.object) return;
    throw new MongoServerError(
      'TypeMismatch',
      `${stage} options must be specified in an object, but found: ${typeAlias(type)}`,
    );
  };
}
