/**
 * What a member remembers of its earlier life, as Ark wants it when the process starts.
 *
 * Invariants
 * - An unfinished copy counts as no data at all.
 * - Whoever initiated the set has complete data, although it may have no entry yet.
 */
import type { DurableState } from '../../storage/index.ts';
import {
  initialGtid,
  type MemberOptions,
  type ReplicaSetConfig,
  type RulesForTests,
  type VoteRecord,
} from '../ark/index.ts';
import type { Database } from '../database/index.ts';
import { heldBeforeInitialSync, isInitialSyncUnfinished, readRollbackId } from './member-local.ts';
import { initiatedByName } from './operator-requests.ts';

export interface OwnIdentity {
  readonly host: string;
  readonly incarnation: string;
  readonly processId: string;
  readonly now: number;
  /** What a configuration calls this member. */
  readonly findSelf: (config: ReplicaSetConfig) => string | undefined;
  readonly rules: RulesForTests | undefined;
}

export function storedMember(
  database: Database,
  durableState: DurableState,
  { findSelf, rules, ...identity }: OwnIdentity,
): MemberOptions {
  const stored = durableState.read();
  const config = stored.config as unknown as ReplicaSetConfig | undefined;
  const vote = stored.vote as unknown as VoteRecord | undefined;
  const isUnfinished = isInitialSyncUnfinished(database.engine);
  const lastEntry = isUnfinished ? undefined : database.lastAppended;
  const hasInitiated = stored[initiatedByName] === identity.incarnation && !isUnfinished;
  const self =
    config === undefined
      ? undefined
      : config.members.find((member) => member.host === findSelf(config))?._id;
  return {
    ...identity,
    ...(self === undefined ? {} : { self }),
    ...(vote === undefined ? {} : { vote }),
    ...(config === undefined ? {} : { config }),
    ...(rules === undefined ? {} : { rules }),
    lastEntry: lastEntry ?? initialGtid,
    rollbackId: readRollbackId(database.engine),
    heldBefore: heldBeforeInitialSync(database.engine),
    needsInitialSync: lastEntry === undefined && !hasInitiated,
  };
}
