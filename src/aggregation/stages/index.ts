import type { StageDefinition } from '../pipeline-stage.ts';
import { addFields, set } from './add-fields.ts';
import { count } from './count.ts';
import { documents } from './documents.ts';
import { group } from './group.ts';
import { limit } from './limit.ts';
import { match } from './match.ts';
import { project } from './project.ts';
import { querySettings } from './query-settings.ts';
import { replaceRoot, replaceWith } from './replace-root.ts';
import {
  collStats,
  currentOp,
  indexStats,
  listLocalSessions,
  listSessions,
} from './server-facts.ts';
import { skip } from './skip.ts';
import { sort } from './sort.ts';
import { sortByCount } from './sort-by-count.ts';
import { unset } from './unset.ts';
import { unwind } from './unwind.ts';

/** Every stage there is, by name. */
export const stages: ReadonlyMap<string, StageDefinition> = new Map(
  [
    addFields,
    collStats,
    count,
    currentOp,
    documents,
    group,
    indexStats,
    limit,
    listLocalSessions,
    listSessions,
    match,
    project,
    querySettings,
    replaceRoot,
    replaceWith,
    set,
    skip,
    sort,
    sortByCount,
    unset,
    unwind,
  ].map((stage) => [stage.name, stage]),
);

/** Stages of the protocol that answer NotImplemented. */
export const missingStages: ReadonlySet<string> = new Set([
  '$bucket',
  '$bucketAuto',
  '$changeStream',
  '$changeStreamSplitLargeEvent',
  '$densify',
  '$facet',
  '$fill',
  '$geoNear',
  '$graphLookup',
  '$listSampledQueries',
  '$listSearchIndexes',
  '$lookup',
  '$merge',
  '$out',
  '$planCacheStats',
  '$redact',
  '$sample',
  '$search',
  '$searchMeta',
  '$setWindowFields',
  '$shardedDataDistribution',
  '$unionWith',
  '$vectorSearch',
]);
