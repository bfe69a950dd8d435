/**
 * Builds of indexes on big collections: in slices, each an entry of its own, so that no member is
 * held up and a rollback is as gradual as the build was.
 *
 * Invariants
 * - The indexes of one command are filled one after the other and become ready together, in one
 *   entry; when one of them cannot be built, all are given up.
 * - One build is driven by one caller of this member at a time; whoever else wants the index waits.
 */
import { createHash } from 'node:crypto';
import { Binary } from 'bson';
import {
  type CollectionInfo,
  type IndexInfo,
  lastRecordId,
  type Reader,
  scanRecords,
  type WriteTransaction,
} from '../../../storage/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { buildSliceIn, commitBuildIn, dropIndexIn } from '../collections/definitions.ts';
import type { Database } from '../database.ts';
import { internalOperation, type OperationContext } from '../operation-context.ts';
import type { Writer } from '../writes/writer.ts';
import { quorumHasBuilt } from './commit-quorum.ts';
import { SlicePace } from './slice-pace.ts';

/** The indexes of one command that are not ready. */
export interface IndexBuild {
  readonly namespace: string;
  readonly collectionId: number;
  readonly indexIds: readonly number[];
}

/** Bytes of records one slice looks at, roughly. */
const sliceBytes = 512 * 1024;

/** Why a build is given up; any other failure leaves it for the next primary to go on with. */
const endsBuilds: ReadonlySet<string> = new Set([
  // A document stands in the way: building again would fail again.
  'DuplicateKey',
  'CannotIndexParallelArrays',
  // Somebody wants it to end.
  'IndexBuildAborted',
  'Interrupted',
  'MaxTimeMSExpired',
]);

/** The build `index` belongs to. */
export function buildOf(info: CollectionInfo, index: IndexInfo): IndexBuild {
  const indexIds = info.indexes
    .filter(({ state, buildGroup }) => state === 'building' && buildGroup === index.buildGroup)
    .map(({ id }) => id);
  return { namespace: info.namespace, collectionId: info.id, indexIds };
}

/** What tools know the build of `buildGroup` by: made of the two, so that it is the same on every member. */
export function buildUuid({ uuid }: CollectionInfo, buildGroup: number): Binary {
  const digest = createHash('sha256').update(uuid).update(String(buildGroup)).digest();
  const bytes = digest.subarray(0, 16);
  // Version 8 is for UUIDs made of something of one's own.
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  return new Binary(bytes, 4);
}

/** How far the builds on a collection have come, in records of all their indexes. */
export interface BuildProgress {
  readonly done: number;
  readonly total: number;
}

/** Undefined: nothing is being built. */
export function buildProgress(reader: Reader, info: CollectionInfo): BuildProgress | undefined {
  const building = info.indexes.filter(({ state }) => state === 'building');
  if (building.length === 0) return undefined;
  const last = lastRecordId(reader, info);
  const done = building.map(({ buildPosition = 0 }) => Math.min(buildPosition, last));
  return { done: done.reduce((sum, one) => sum + one, 0), total: last * building.length };
}

/** Resolves when all of its indexes are ready; rejects when the build was given up, or left. */
export async function runBuild(
  database: Database,
  operation: OperationContext,
  build: IndexBuild,
): Promise<void> {
  const running = runSlices(database, operation, build);
  for (const id of build.indexIds) database.buildsInProgress.set(id, running);
  try {
    await running;
  } finally {
    for (const id of build.indexIds) database.buildsInProgress.delete(id);
  }
}

/** Resolves when nobody builds it any more, whatever came of it. A build nobody drives is driven. */
export async function otherBuildIsOver(
  database: Database,
  operation: OperationContext,
  build: IndexBuild,
): Promise<void> {
  const running = build.indexIds.map((id) => database.buildsInProgress.get(id)).find(Boolean);
  if (running === undefined) return runBuild(database, operation, build);
  const over = running.catch(() => {});
  await Promise.race([over, operation.interrupt.interrupted?.() ?? over]);
}

/** A new primary goes on with the builds its predecessor began. */
export async function resumeIndexBuilds(database: Database): Promise<void> {
  for (const info of database.catalog.collections()) {
    for (const index of info.indexes) {
      if (index.state !== 'building' || database.buildsInProgress.has(index.id)) continue;
      await runBuild(database, internalOperation(), buildOf(info, index));
    }
  }
}

async function runSlices(
  database: Database,
  operation: OperationContext,
  build: IndexBuild,
): Promise<void> {
  const { namespace } = build;
  const pace = new SlicePace();
  try {
    const fill = async (mayCommit: boolean): Promise<BuildStep> => {
      const slice = (writer: Writer) => {
        const started = database.monotonicMs();
        const step = buildSlice(writer, build, mayCommit, pace.records);
        pace.learn(database.monotonicMs() - started);
        return step;
      };
      let step: BuildStep;
      do step = (await database.write(operation, namespace, slice)).result;
      while (step === 'filling');
      return step;
    };
    if ((await fill(false)) === 'ready') return;
    await quorumHasBuilt(database, operation, build);
    // What was written meanwhile has yet to get its keys.
    await fill(true);
  } catch (error) {
    if (!(error instanceof MongoServerError) || !endsBuilds.has(error.codeName)) throw error;
    await database.remove(internalOperation(), namespace, (writer) => giveUp(writer, build));
    throw error;
  }
}

/** `filled`: no record lacks keys, but others must have come as far before the indexes are ready. */
type BuildStep = 'filling' | 'filled' | 'ready';

/**
 * Fills a slice of the first index that lacks records; when none does, all are ready, unless a quorum is
 * asked for that may not be taken for granted yet.
 */
function buildSlice(
  writer: Writer,
  build: IndexBuild,
  mayCommit: boolean,
  records: number,
): BuildStep {
  for (const indexId of build.indexIds) {
    const { info, index } = unfinished(writer, build, indexId);
    const filledTo = index.buildPosition ?? 0;
    const last = lastRecordId(writer.transaction, info);
    if (filledTo >= last) continue;
    const upTo = sliceEnd(writer.transaction, info, filledTo, records);
    buildSliceIn(writer, info, index, upTo);
    if (upTo < last) return 'filling';
  }
  const [firstId] = build.indexIds;
  if (!mayCommit && firstId !== undefined) {
    const { commitQuorum } = unfinished(writer, build, firstId).index;
    if (commitQuorum !== undefined) return 'filled';
  }
  for (const indexId of build.indexIds) {
    const { info, index } = unfinished(writer, build, indexId);
    commitBuildIn(writer, info, index);
  }
  return 'ready';
}

function giveUp(writer: Writer, build: IndexBuild): void {
  for (const indexId of build.indexIds) {
    const found = findBuild(writer, build, indexId);
    if (found !== undefined) dropIndexIn(writer, found.info, found.index, 'abortIndexBuild');
  }
}

interface Found {
  readonly info: CollectionInfo;
  readonly index: IndexInfo;
}

function unfinished(writer: Writer, build: IndexBuild, indexId: number): Found {
  const found = findBuild(writer, build, indexId);
  if (found !== undefined) return found;
  throw new MongoServerError('IndexBuildAborted', 'index build aborted: the index was dropped');
}

function findBuild(writer: Writer, build: IndexBuild, indexId: number): Found | undefined {
  const info = writer.catalog.byId(build.collectionId);
  const index = info?.indexes.find(({ id }) => id === indexId);
  if (info === undefined || index === undefined || index.state === 'ready') return undefined;
  return { info, index };
}

function sliceEnd(
  transaction: WriteTransaction,
  info: CollectionInfo,
  after: number,
  records: number,
): number {
  const cursor = scanRecords(transaction, info, { after });
  let end = after;
  try {
    let bytes = 0;
    for (let count = 0; count < records && bytes < sliceBytes && cursor.next(); count += 1) {
      end = cursor.recordId;
      bytes += cursor.buffer.readInt32LE(cursor.start);
    }
  } finally {
    cursor.close();
  }
  return end;
}
