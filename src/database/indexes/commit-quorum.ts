/**
 * Commit quorums: which members must have built an index before queries may use it. Manual: createIndexes,
 * commitQuorum; setIndexCommitQuorum.
 *
 * A build is a row of oplog entries that every member repeats, so a member has built an index when it holds
 * the entry of the last slice. Who holds what is replication's to know. Without a quorum a build waits for
 * nobody: the write concern of the command tells who has the ready index when it is answered.
 */
import type { CommitQuorum, IndexInfo } from '../../../storage/index.ts';
import type { Gtid } from '../../ark/gtid.ts';
import { MongoServerError } from '../../errors/index.ts';
import { setCommitQuorumIn } from '../collections/definitions.ts';
import { refuseView } from '../collections/views.ts';
import type { Database } from '../database.ts';
import type { OperationContext } from '../operation-context.ts';
import type { Writer } from '../writes/writer.ts';
import { buildOf, type IndexBuild } from './index-builds.ts';

/** What replication knows of the members. */
export interface BuildVoters {
  /** Throws UnsatisfiableCommitQuorum, UnknownReplWriteConcern when no members could ever make up `quorum`. */
  check(quorum: CommitQuorum): void;
  /**
   * Resolves when the members of `quorum` hold the entry at `gtid`. Rejects with PrimarySteppedDown, or the
   * signal's reason.
   */
  hold(quorum: CommitQuorum, gtid: Gtid, signal: AbortSignal): Promise<void>;
}

/**
 * Resolves when those who must have built the indexes have: a quorum that is changed meanwhile counts as soon
 * as it is. Also when the build has been dropped, which its next step finds out. Rejects when `operation` is
 * interrupted, or this member is no longer primary.
 */
export async function quorumHasBuilt(
  database: Database,
  operation: OperationContext,
  build: IndexBuild,
): Promise<void> {
  const { buildVoters } = database;
  const gtid = database.lastAppended;
  if (buildVoters === undefined || gtid === undefined) return;
  for (;;) {
    const waiting = new AbortController();
    const changed = database.definitionChanges.waiter('');
    try {
      const quorum = quorumOf(database, build);
      if (quorum === undefined) return;
      const isBuilt = await Promise.race([
        buildVoters.hold(quorum, gtid, waiting.signal).then(() => true),
        changed.within(lookAgainMs, waiting.signal).then(() => false),
        ...(operation.interrupt.interrupted === undefined
          ? []
          : [operation.interrupt.interrupted()]),
      ]);
      if (isBuilt) return;
    } finally {
      changed.withdraw();
      waiting.abort(new Error('nobody waits for the quorum any more'));
    }
  }
}

/** Changes are noticed at once; this only keeps the timer within what timers can hold. */
const lookAgainMs = 3_600_000;

function quorumOf({ catalog }: Database, build: IndexBuild): CommitQuorum | undefined {
  const info = catalog.byId(build.collectionId);
  const index = info?.indexes.find(({ id }) => id === build.indexIds[0]);
  return index?.state === 'building' ? index.commitQuorum : undefined;
}

/**
 * Throws NamespaceNotFound, IndexNotFound unless `names` are the indexes of one build, BadValue unless it has a
 * quorum and keeps one.
 */
export async function setCommitQuorum(
  database: Database,
  operation: OperationContext,
  namespace: string,
  names: readonly string[],
  quorum: CommitQuorum,
): Promise<void> {
  await database.write(operation, namespace, (writer) => {
    refuseView({ catalog: writer.catalog, reader: writer.transaction }, namespace);
    const info = writer.catalog.byNamespace(namespace);
    if (info === undefined) {
      throw new MongoServerError('NamespaceNotFound', `Collection '${namespace}' was not found.`);
    }
    database.buildVoters?.check(quorum);
    const built = buildNamed(writer, namespace, names);
    const present = built[0]?.commitQuorum;
    if (present === undefined || quorum === 0) {
      throw new MongoServerError(
        'BadValue',
        `Commit quorum value can be changed only for index builds with commit quorum enabled, nss: '${namespace}', first index name: '${names[0]}', currentCommitQuorum: ${present ?? 0}, providedCommitQuorum: ${quorum}`,
      );
    }
    for (const { id } of built) setCommitQuorumIn(writer, info.id, id, quorum);
  });
}

function buildNamed(writer: Writer, namespace: string, names: readonly string[]): IndexInfo[] {
  if (names.length === 0) {
    throw new MongoServerError(
      'IndexNotFound',
      `Cannot set a new commit quorum on an index build in collection '${namespace}' without providing any indexes.`,
    );
  }
  const info = writer.catalog.byNamespace(namespace)!;
  const first = info.indexes.find(({ name, state }) => name === names[0] && state === 'building');
  const ids = first === undefined ? [] : buildOf(info, first).indexIds;
  const built = info.indexes.filter(({ id }) => ids.includes(id));
  const isAll =
    built.length === new Set(names).size && built.every(({ name }) => names.includes(name));
  if (isAll && first !== undefined) return built;
  throw new MongoServerError(
    'IndexNotFound',
    `Cannot find an index build on collection '${namespace}' with the provided index names`,
  );
}
