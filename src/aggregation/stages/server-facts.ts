import { MongoServerError } from '../../errors/index.ts';
import type { StageDefinition } from '../pipeline-stage.ts';
import { DocumentList } from './source.ts';

/** A stage whose documents the assembly passes in: the room knows neither statistics nor sessions. */
function define(name: string): StageDefinition {
  return {
    name,
    parse: (argument) => ({
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
    }),
  };
}

export const collStats = define('$collStats');
export const indexStats = define('$indexStats');
export const currentOp = define('$currentOp');
export const listSessions = define('$listSessions');
export const listLocalSessions = define('$listLocalSessions');
