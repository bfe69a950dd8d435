/**
 * From a query to a tree of stages: which accesses are possible, which is best, what stands above it.
 * One access is taken as it is. Among several the predicates and the indexes give an order, and a short
 * trial on the data, or the plan cache, the choice.
 */
import type { CollectionInfo } from '../../storage/index.ts';
import type { Filter, SortPattern } from '../query/index.ts';
import type { Access } from './access-stages.ts';
import { accessesOf } from './accesses.ts';
import { checkMetaWords } from './meta-words.ts';
import { cachedPlanFacts } from './plan-cache-facts.ts';
import { type PlanTrial, tryPlans, worksOf } from './plan-trial.ts';
import type { PlanChoice, PlannedSettings, QueryRequest } from './query-request.ts';
import { planCacheShape } from './query-shape.ts';
import type { Stage } from './stage.ts';
import { Count } from './stages/count.ts';
import { Eof } from './stages/eof.ts';
import { Limit } from './stages/limit.ts';
import { ProjectionStage } from './stages/projection.ts';
import { ReturnKey } from './stages/return-key.ts';
import { ShowRecordId } from './stages/show-record-id.ts';
import { Skip } from './stages/skip.ts';
import { Sort } from './stages/sort.ts';
import { needsMetadata, WithMetadata } from './stages/with-metadata.ts';
import { checkWithoutCollection } from './text-access.ts';

/** A plan, ready for one run. */
export interface QueryPlan {
  readonly root: Stage;
  readonly namespace: string;
  readonly filter: Filter;
  readonly sort?: SortPattern | undefined;
  readonly projectionSpec?: Record<string, unknown> | undefined;
  /** An index filter was applied. */
  readonly isFiltered: boolean;
  readonly settings?: PlannedSettings | undefined;
  /** The plan cache had it, or, of an explain, would have had it. */
  readonly isCached: boolean;
  /** Other plans that were considered, for explain; never run. */
  readonly rejected: readonly Stage[];
  /** How the plans did against each other, the chosen one first; empty when there was no trial. */
  readonly trials: readonly PlanTrial[];
  /** To be called when the plan has run, or shall run no further: the plan cache learns from it. */
  finished(): void;
}

/** Chooses how to answer a query. Throws for a hint that no index answers to. */
export function planQuery(request: QueryRequest): QueryPlan {
  const { collection, filter, sort, projectionSpec } = request;
  const namespace = request.namespace ?? collection?.namespace ?? '';
  const isFiltered = request.allowedIndexes !== undefined;
  const { settings } = request;
  const shaped = { namespace, filter, sort, projectionSpec, isFiltered, settings };
  checkMetaWords(request);
  if (collection === undefined) {
    checkWithoutCollection(filter, namespace);
    return planOf(shaped, untried(new Eof(), []));
  }
  const accesses = accessesOf(request, collection, namespace);
  const { choice } = request;
  if (accesses.length === 1 || choice === undefined) {
    const [root, ...rejected] = accesses.map((access) => complete(request, access));
    return planOf(shaped, untried(root!, rejected));
  }
  return planOf(shaped, chosenAmong(accesses, request, collection, choice));
}

type Chosen = Pick<QueryPlan, 'root' | 'isCached' | 'rejected' | 'trials' | 'finished'>;

/** Each field by name: a spread with fields after it costs as much as the choice of the plan. */
function planOf(shaped: Omit<QueryPlan, keyof Chosen>, chosen: Chosen): QueryPlan {
  const { namespace, filter, sort, projectionSpec, isFiltered, settings } = shaped;
  const { root, isCached, rejected, trials, finished } = chosen;
  return {
    root,
    namespace,
    filter,
    sort,
    projectionSpec,
    isFiltered,
    settings,
    isCached,
    rejected,
    trials,
    finished,
  };
}

function untried(root: Stage, rejected: readonly Stage[]): Chosen {
  return { root, isCached: false, rejected, trials: [], finished: nothingToLearn };
}

function nothingToLearn(): void {}

/** By the plan cache, else by a trial. */
function chosenAmong(
  accesses: readonly Access[],
  request: QueryRequest,
  collection: CollectionInfo,
  choice: PlanChoice,
): Chosen {
  const { cache, isExplain, now } = choice;
  const shape = planCacheShape(request);
  const cached = cache.active(collection, shape);
  const known = cached && accesses.find(({ name }) => name === cached.access);
  if (known !== undefined && isExplain !== true) {
    const root = complete(request, known);
    const finished = (): void => {
      cache.report(collection, shape, worksOf(root), root.stats.advanced);
    };
    return { root, isCached: true, rejected: [], trials: [], finished };
  }
  // Without the count: it has its one result when a plan is through.
  const tried = { ...request, countOnly: false };
  const results = tryPlans(
    accesses.map((access) => complete(tried, access)),
    choice.reader,
  );
  const order = results
    .map((_, at) => at)
    .sort((a, b) => results[b]!.score - results[a]!.score || a - b);
  const trials = order.map((at) => results[at]!);
  // What ran in the trial is used up: the same accesses, made anew.
  const fresh = accessesOf(request, collection, collection.namespace);
  const [root, ...rejected] = order.map((at) => complete(request, fresh[at]!));
  const [winner] = trials;
  const access = accesses[order[0]!]!.name;
  if (isExplain !== true) {
    cache.learn(collection, shape, winner!, {
      access,
      createdAt: now(),
      facts: cachedPlanFacts(request, trials),
    });
  }
  const isCached = access === cached?.access;
  return { root: root!, isCached, rejected, trials, finished: nothingToLearn };
}

/** Puts order, paging and projection above an access. */
function complete(request: QueryRequest, access: Access): Stage {
  const skip = request.skip ?? 0;
  const limit = request.limit ?? 0;
  let stage = access.stage;
  if (!access.isSorted && request.sort !== undefined && request.countOnly !== true) {
    stage = new Sort(stage, request.sort, limit === 0 ? 0 : limit + skip, request.sort.shown);
  }
  if (skip > 0) stage = new Skip(stage, skip);
  if (limit > 0) stage = new Limit(stage, limit);
  if (request.countOnly === true) return new Count(stage);
  if (needsMetadata(request.metaWords)) {
    stage = new WithMetadata(stage, request.metaWords, request.sort);
  }
  if (request.returnKey === true) stage = new ReturnKey(stage);
  else if (request.projection !== undefined && access.isProjected !== true) {
    stage = new ProjectionStage(stage, request.projection, request.projectionSpec ?? {});
  }
  // The keys are all that returnKey gives.
  if (request.showRecordId === true && request.returnKey !== true) stage = new ShowRecordId(stage);
  return stage;
}
