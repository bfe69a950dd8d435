import { documentStages } from '../../query/index.ts';
import type { StageDefinition } from '../pipeline-stage.ts';
import { bucket } from './bucket.ts';
import { bucketAuto } from './bucket-auto/bucket-auto.ts';
import { count } from './count.ts';
import { densify } from './densify/densify.ts';
import { documents } from './documents.ts';
import { facet } from './facet.ts';
import { fill } from './fill.ts';
import { geoNear } from './geo-near.ts';
import { graphLookup } from './graph-lookup.ts';
import { group } from './group.ts';
import { limit } from './limit.ts';
import { lookup } from './lookup.ts';
import { match } from './match.ts';
import { merge } from './merge/merge.ts';
import { out } from './out.ts';
import { planCacheStats } from './plan-cache-stats.ts';
import { querySettings } from './query-settings.ts';
import { redact } from './redact.ts';
import { sample } from './sample.ts';
import { searchStages } from './search.ts';
import {
  collStats,
  currentOp,
  indexStats,
  listLocalSessions,
  listSessions,
} from './server-facts.ts';
import { setWindowFields } from './set-window-fields/set-window-fields.ts';
import { skip } from './skip.ts';
import { sort } from './sort.ts';
import { sortByCount } from './sort-by-count.ts';
import { transformStage } from './transform.ts';
import { unionWith } from './union-with.ts';
import { unwind } from './unwind.ts';

/** Every stage there is, by name. */
export const stages: ReadonlyMap<string, StageDefinition> = new Map(
  [
    bucket,
    bucketAuto,
    collStats,
    count,
    currentOp,
    densify,
    documents,
    fill,
    facet,
    graphLookup,
    geoNear,
    group,
    indexStats,
    limit,
    listLocalSessions,
    listSessions,
    lookup,
    match,
    merge,
    out,
    planCacheStats,
    querySettings,
    redact,
    sample,
    ...searchStages,
    setWindowFields,
    skip,
    sort,
    sortByCount,
    unionWith,
    unwind,
    ...documentStages.map(transformStage),
  ].map((stage) => [stage.name, stage]),
);

/** Stages of the protocol that answer NotImplemented. */
export const missingStages: ReadonlySet<string> = new Set([
  '$changeStream',
  '$changeStreamSplitLargeEvent',
  '$listSampledQueries',
  '$shardedDataDistribution',
]);
