/** Stages of the search engine beside a mongod, which answers so when it has none. */
import { MongoServerError } from '../../errors/index.ts';
import type { StageDefinition } from '../pipeline-stage.ts';

const remedy =
  'requires additional configuration. Please connect to Atlas or an AtlasCLI local deployment to enable. For more information on how to connect, see https://dochub.mongodb.org/core/atlas-cli-deploy-local-reqs.';

/** Of the commands for search indexes, and of the stage that lists them. */
export function searchIndexesNotEnabled(): MongoServerError {
  return new MongoServerError(
    'SearchNotEnabled',
    `Using Atlas Search Database Commands and the $listSearchIndexes aggregation stage ${remedy}`,
  );
}

function searchNotEnabled(): MongoServerError {
  return new MongoServerError(
    'SearchNotEnabled',
    `Using $search and $vectorSearch aggregation stages ${remedy}`,
  );
}

function refusing(name: string, error: () => MongoServerError): StageDefinition {
  return {
    name,
    parse() {
      throw error();
    },
  };
}

/** By name; refused whatever they ask for. */
export const searchStages: readonly StageDefinition[] = [
  refusing('$listSearchIndexes', searchIndexesNotEnabled),
  refusing('$search', searchNotEnabled),
  refusing('$searchMeta', searchNotEnabled),
  refusing('$vectorSearch', searchNotEnabled),
];
