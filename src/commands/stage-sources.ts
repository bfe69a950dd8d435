/** Documents of the pipeline stages that show the server itself. */
import type { StageSource } from '../aggregation/index.ts';
import { decodeDocument, encodeDocument } from '../bson/index.ts';
import { existingCollection, shownIndexes } from '../database/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { type CachedPlan, debugQueryShape, indexUse } from '../plan/index.ts';
import { collectionStats } from './collection-stats.ts';
import type { CommandContext } from './command.ts';
import { rawDocument } from './default-concerns.ts';
import { allSettings, type ShapeSettings } from './query-settings.ts';
import { shapedCommand } from './query-settings-change.ts';
import { describeRunning } from './running-operations.ts';
import { refuseOnView } from './views.ts';

export function stageSources(
  context: CommandContext,
  namespace: string,
): Readonly<Record<string, StageSource>> {
  const { database, server } = context;
  return {
    $currentOp(argument) {
      const { idleConnections, truncateOps } = decodeDocument(argument.buffer, argument.start);
      const options = { idleConnections: idleConnections === true, truncate: truncateOps === true };
      return describeRunning(context, options).map(encodeDocument);
    },
    $collStats(argument) {
      const options = decodeDocument(argument.buffer, argument.start);
      const storage = (options.storageStats ?? undefined) as { scale?: unknown } | undefined;
      for (const part of ['storageStats', 'count']) {
        if ((options[part] ?? undefined) === undefined) continue;
        refuseOnView(context);
        if (exists(database, namespace)) continue;
        throw new MongoServerError(
          'NamespaceNotFound',
          `Unable to retrieve ${part} in $collStats stage :: caused by :: Collection [${namespace}] not found.`,
        );
      }
      const stats = collectionStats(database, namespace, scaleOf(storage?.scale));
      return [
        encodeDocument({
          ns: namespace,
          host: server.host,
          localTime: new Date(database.now()),
          ...(storage === undefined ? {} : { storageStats: stats }),
          ...((options.count ?? undefined) === undefined ? {} : { count: stats.count }),
          ...((options.latencyStats ?? undefined) === undefined
            ? {}
            : { latencyStats: noLatencies }),
        }),
      ];
    },
    $planCacheStats() {
      const info = database.catalog.byNamespace(namespace);
      if (info === undefined) {
        throw new MongoServerError(50933, `collection '${namespace}' does not exist`);
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
      const info = existingCollection(database.catalog, namespace);
      return shownIndexes(info).map((index) => {
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

/** Latencies are not measured per collection. */
const noLatencies = {
  reads: { latency: 0n, ops: 0n },
  writes: { latency: 0n, ops: 0n },
  commands: { latency: 0n, ops: 0n },
  transactions: { latency: 0n, ops: 0n },
};

function exists({ catalog, virtualCollections }: CommandContext['database'], namespace: string) {
  return catalog.byNamespace(namespace) !== undefined || virtualCollections.has(namespace);
}

/** Bytes a unit has: a whole number, checked when the pipeline was read. */
function scaleOf(scale: unknown): number {
  return Math.max(1, Math.trunc(Number(String(scale ?? 1))));
}
