/**
 * Lookups of one document by a whole key, as explain shows them: one stage with a name of its own, EXPRESS_...,
 * in place of the tree that a planned query has. Manual: Explain Results, EXPRESS stages.
 *
 * What runs is the tree; it is taken for such a lookup when it comes down to one key.
 */
import type { IndexInfo } from '../../storage/index.ts';
import { BsonType, compareValues, documentText, findField } from '../bson/index.ts';
import { factsOf } from './index-facts.ts';
import { totalOf } from './plan-trial.ts';
import type { Stage } from './stage.ts';
import { ClusteredScan } from './stages/clustered-scan.ts';
import { Fetch } from './stages/fetch.ts';
import { IdHack } from './stages/id-hack.ts';
import { IndexScan } from './stages/index-scan.ts';
import { Limit } from './stages/limit.ts';
import { ProjectionStage } from './stages/projection.ts';
import { WouldWrite } from './stages/would-write.ts';

interface ExpressPlan {
  readonly root: Stage;
  readonly name: string;
  /** Undefined: the collection itself is in the order of the key. */
  readonly index: Pick<IndexInfo, 'name' | 'spec'> | undefined;
  readonly projection: ProjectionStage | undefined;
  readonly write: WouldWrite | undefined;
}

/** Undefined: it is no such lookup. */
export function expressPlanOf(root: Stage): ExpressPlan | undefined {
  let stage = root;
  const write = stage instanceof WouldWrite ? stage : undefined;
  if (write !== undefined) {
    const { isMulti, returnsDocument, upserts } = write.description;
    if (isMulti || returnsDocument || upserts === true) return undefined;
    stage = write.children[0]!;
  }
  const projection = stage instanceof ProjectionStage ? stage : undefined;
  if (projection !== undefined) {
    if (projection.name !== 'PROJECTION_SIMPLE') return undefined;
    stage = projection.children[0]!;
  }
  const isOne = stage instanceof Limit && stage.limit === 1;
  if (stage instanceof Limit) stage = stage.children[0]!;
  const parts = { root, projection, write };
  const named = (found: string) =>
    write === undefined ? found : `EXPRESS_${write.description.kind}`;
  if (stage instanceof IdHack) {
    return { ...parts, name: named('EXPRESS_IXSCAN'), index: stage.index };
  }
  if (stage instanceof ClusteredScan && stage.isPoint) {
    return { ...parts, name: named('EXPRESS_CLUSTERED_IXSCAN'), index: undefined };
  }
  const index = write === undefined ? lookedUp(stage, isOne) : undefined;
  return index && { ...parts, name: 'EXPRESS_IXSCAN', index };
}

/** The index whose only field has one value here, for one document: it is unique, or one is asked for. */
function lookedUp(stage: Stage, isOne: boolean): IndexInfo | undefined {
  if (!(stage instanceof Fetch) || stage.hasFilter) return undefined;
  const [scan] = stage.children;
  if (!(scan instanceof IndexScan)) return undefined;
  const { index, fields } = scan.bounds;
  const { isUnique, partialFilter } = factsOf(index);
  const [interval, ...more] = fields[0] ?? [];
  if (interval === undefined || more.length > 0 || fields.length > 1) return undefined;
  if (index.keyPattern[0]?.kind !== undefined || index.multikeyPaths.some(Boolean)) {
    return undefined;
  }
  const { low, high } = interval;
  const isPoint =
    low.type !== BsonType.null &&
    compareValues(low.buffer, low.type, low.start, high.buffer, high.type, high.start) === 0;
  return isPoint && partialFilter === undefined && (isUnique || isOne) ? index : undefined;
}

/** As `winningPlan`, and with what it did as `executionStages`. */
export function describeExpress(
  { root, name, index, projection, write }: ExpressPlan,
  hasRun: boolean,
): Record<string, unknown> {
  const described: Record<string, unknown> = { isCached: false, stage: name };
  if (index !== undefined) {
    const key = findField(index.spec, 0, 'key')!;
    described.keyPattern = documentText(key.buffer, key.start);
    described.indexName = index.name;
  }
  if (projection !== undefined) {
    described.projection = projection.explainFields().transformBy;
    described.projectionCovered = false;
  }
  if (!hasRun) return described;
  described.keysExamined = totalOf(root, (stage) => stage.keysExamined);
  described.docsExamined = totalOf(root, (stage) => stage.documentsExamined);
  described.nReturned = root.stats.advanced;
  return Object.assign(described, write?.explainCounters());
}
