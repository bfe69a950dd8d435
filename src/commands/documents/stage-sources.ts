/** Documents of the pipeline stages that show the server itself. */
import { readCollStats, type StageSource } from '../../aggregation/index.ts';
import { decodeDocument, encodeDocument } from '../../bson/index.ts';
import { shownIndexes, timeSeriesOf } from '../../database/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { type CachedPlan, collectionScansOf, debugQueryShape, indexUse } from '../../plan/index.ts';
import type { CommandContext } from '../command.ts';
import { collectionStats } from '../diagnostics/collection-stats.ts';
import { rawDocument } from '../dispatch/default-concerns.ts';
import { describeLatencies } from '../dispatch/latencies.ts';
import { describeRunning } from '../dispatch/running-operations.ts';
import { allSettings, type ShapeSettings } from '../plans/query-settings.ts';
import { shapedCommand } from '../plans/query-settings-change.ts';
import { refuseOnView } from './views.ts';

export function stageSources(
  context: CommandContext,
  namespace: string,
): Readonly<Record<string, StageSource>> {
  const { counters, database, server } = context;
  return {
    $currentOp(argument) {
      const { idleConnections, truncateOps } = decodeDocument(argument.buffer, argument.start);
      const options = { idleConnections: idleConnections === true, truncate: truncateOps === true };
      return describeRunning(context, options).map(encodeDocument);
    },
    $collStats(argument) {
      const parts = readCollStats(argument);
      for (const part of ['storageStats', 'count', 'queryExecStats'] as const) {
        if (parts[part] === undefined) continue;
        refuseOnView(context);
        if (exists(database, namespace)) continue;
        throw new MongoServerError(
          'NamespaceNotFound',
          `Unable to retrieve ${part} in $collStats stage :: caused by :: Collection [${namespace}] not found.`,
        );
      }
      const { latencyStats, storageStats, count, queryExecStats } = parts;
      const stats = collectionStats(database, namespace, storageStats?.scale ?? 1);
      const described: Record<string, unknown> = {
        ns: namespace,
        host: server.host,
        localTime: new Date(database.now()),
      };
      if (latencyStats !== undefined) {
        const measured = counters.namespaces.get(namespace)?.latencies;
        described.latencyStats = describeLatencies(measured, latencyStats.histograms);
      }
      if (storageStats !== undefined) described.storageStats = stats;
      if (count !== undefined) described.count = stats.count;
      if (queryExecStats !== undefined) {
        described.queryExecStats = { collectionScans: scansOf(database, namespace) };
      }
      return [encodeDocument(described)];
    },
    $planCacheStats() {
      const info = database.catalog.byNamespace(namespace);
      if (info === undefined) {
        throw new MongoServerError(50933, `collection '${namespace}' does not exist`);
      }
      // MongoDB unpacks buckets in a stage before it.
      if (timeSeriesOf(info) !== undefined) {
        throw new MongoServerError(
          40602,
          '$planCacheStats is only valid as the first stage in a pipeline',
        );
      }
      return database.planCache.list(info).map((plan) => describeCachedPlan(plan, server.host));
    },
    $querySettings(argument) {
      const { showDebugQueryShape } = decodeDocument(argument.buffer, argument.start);
      return allSettings(database).map((shape) =>
        encodeDocument(showDebugQueryShape === true ? withDebugShape(shape) : { ...shape }),
      );
    },
    $indexStats() {
      const info = database.catalog.byNamespace(namespace);
      const indexes = info === undefined ? [] : shownIndexes(info);
      return indexes.map((index) => {
        const spec = decodeDocument(index.spec);
        return encodeDocument({
          name: index.name,
          key: spec.key,
          host: server.host,
          // Lookups by _id alone take no plan and are not counted.
          accesses: { ops: BigInt(indexUse(index)), since: server.startedAt },
          spec,
          ...(index.state === 'building' ? { building: true } : {}),
        });
      });
    },
  };
}

function withDebugShape(shape: ShapeSettings): Record<string, unknown> {
  const { representativeQuery: query, ...rest } = shape;
  if (query === undefined) return rest;
  const debugShape = debugQueryShape(shapedCommand(rawDocument(query), 'setQuerySettings'));
  return { ...shape, debugQueryShape: debugShape };
}

/** Manual: $planCacheStats, its output. The size is that of the description, which is most of an entry. */
function describeCachedPlan(
  { facts, isActive, works, createdAt }: CachedPlan,
  host: string,
): Buffer {
  const { shapeHash, indexFilterSet, ...plans } = facts;
  const described = {
    version: '1',
    queryHash: shapeHash,
    planCacheShapeHash: shapeHash,
    planCacheKey: shapeHash,
    isActive,
    works: BigInt(works),
    timeOfCreation: new Date(createdAt),
    ...plans,
    indexFilterSet,
  };
  const estimatedSizeBytes = BigInt(encodeDocument(described).length);
  return encodeDocument({ ...described, estimatedSizeBytes, host });
}

function exists({ catalog, virtualCollections }: CommandContext['database'], namespace: string) {
  return catalog.byNamespace(namespace) !== undefined || virtualCollections.has(namespace);
}

function scansOf({ catalog }: CommandContext['database'], namespace: string) {
  const info = catalog.byNamespace(namespace);
  const { total, nonTailable } =
    info === undefined ? { total: 0, nonTailable: 0 } : collectionScansOf(info);
  return { total: BigInt(total), nonTailable: BigInt(nonTailable) };
}
