/** Where a stage may not stand. */
import { MongoServerError } from '../errors/index.ts';
import type { InsideOptions } from './pipeline-stage.ts';

/** Stages that end a pipeline by writing what comes out of it. */
const writing: ReadonlySet<string> = new Set(['$merge', '$out']);

/** Beside those that make their own documents. */
const notInFacet: ReadonlySet<string> = new Set([
  ...writing,
  '$changeStream',
  '$changeStreamSplitLargeEvent',
  '$collStats',
  '$currentOp',
  '$documents',
  '$facet',
  '$geoNear',
  '$indexStats',
  '$listCatalog',
  '$listClusterCatalog',
  '$listLocalSessions',
  '$listSampledQueries',
  '$listSearchIndexes',
  '$planCacheStats',
  '$querySettings',
  '$queryStats',
  '$search',
  '$searchBeta',
  '$searchMeta',
  '$shardedDataDistribution',
  '$vectorSearch',
]);

/** ... nor in a sub-pipeline of a stage of a facet. */
const notBelowFacet: ReadonlySet<string> = new Set([
  '$collStats',
  '$facet',
  '$geoNear',
  '$indexStats',
  '$planCacheStats',
]);

/** Stages about the server or a database: never over the collection of a sub-pipeline. */
const notOverCollection: ReadonlyMap<string, string> = new Map([
  ['$currentOp', "$currentOp must be run against the 'admin' database with {aggregate: 1}"],
  ['$documents', "'$documents' can only be run with {aggregate: 1}"],
  [
    '$listLocalSessions',
    '$listLocalSessions must be run against the database with {aggregate: 1}, not a collection',
  ],
  ['$listSessions', '$listSessions must be run against the config.system.sessions collection'],
  ['$querySettings', "'$querySettings' can only be run with {aggregate: 1}"],
]);

/** Throws unless a stage of this name may stand at this place of a pipeline inside another stage. */
export function checkPlace(
  name: string,
  at: number,
  { inside, withoutCollection }: InsideOptions,
  isInFacet: boolean,
): void {
  const forbidden = inside === '$facet' ? notInFacet : notBelowFacet;
  if (isInFacet && forbidden.has(name)) {
    throw new MongoServerError(40600, `${name} is not allowed to be used within a $facet stage`);
  }
  if (name === '$changeStream') {
    throw new MongoServerError(40573, 'The $changeStream stage is only supported on replica sets');
  }
  const reason = notOverCollection.get(name);
  if (reason !== undefined && at === 0 && !(withoutCollection === true && name === '$documents')) {
    throw new MongoServerError('InvalidNamespace', reason);
  }
  if (!writing.has(name)) return;
  if (inside === '$unionWith') {
    throw new MongoServerError(31441, `${name} is not allowed within a $unionWith's sub-pipeline`);
  }
  throw new MongoServerError(51047, `${name} is not allowed within a $lookup's sub-pipeline`);
}
