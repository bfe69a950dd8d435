import {
  bucketStages,
  bucketsBehind,
  type ResolvedView,
  resolveView,
} from '../../database/index.ts';
import type { CommandContext } from '../command.ts';

/** Undefined in most cases, and then known at once: a collection has the name. */
export function viewBehind(
  { database }: Pick<CommandContext, 'database'>,
  namespace: string,
): ResolvedView | undefined {
  const { catalog, engine } = database;
  if (catalog.byNamespace(namespace) !== undefined) return undefined;
  const buckets = bucketsBehind(database, namespace);
  if (buckets !== undefined) {
    return { namespace: buckets.namespace, stages: bucketStages(buckets.series), collation: null };
  }
  return resolveView({ catalog, reader: engine.latest }, namespace);
}
