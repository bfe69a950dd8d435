import type { Gtid } from './gtid.ts';
import type { MemberStateName, Message } from './messages.ts';
import type { ReplicaSetConfig } from './replica-set-config.ts';

/**
 * What the caller must do, in the order given.
 *
 * The contract:
 * 1. One input at a time, never from inside the performing of an effect. Queue what comes meanwhile.
 * 2. `persist` must survive power loss before `persisted{token}` is fed. Persists are made in order.
 * 3. A `send` with `afterToken` leaves after that token is persisted, never before. It may be dropped.
 * 4. After `role` with `writable: false` no client write may enter the log. Effects are performed before the
 *    next input is fed, so a write that enters the log before that does so with the old term and is told by `appended`.
 * 5. `commitPoint`, `syncFrom` and `role` are levels, not events: the newest of each counts.
 */
export type Effect =
  | PersistEffect
  | SendEffect
  | SyncFromEffect
  | RoleEffect
  | CommitPointEffect
  | FailWaitersEffect
  | WriteNoopEffect
  | StartInitialSyncEffect
  | RollbackEffect
  | ConfigEffect
  | ProgressEffect
  | ReplyEffect
  | LogEffect
  | FatalEffect;

/** The vote a member must remember through a crash. Plain JSON; hand it back to `createMember` unread. */
export interface VoteRecord {
  /** The highest term this member has voted yes in. */
  readonly term: number;
  /** Whom for. */
  readonly candidate: number;
  /** The data directory that promised. */
  readonly incarnation: string;
  readonly configVersion: number;
  readonly configTerm: number;
}

/** Write these to the durable state, then feed `persisted{token}`. Tokens rise by one. */
export interface PersistEffect {
  readonly kind: 'persist';
  readonly token: number;
  readonly vote?: VoteRecord;
  readonly config?: ReplicaSetConfig;
}

/** Who is meant: the id is -1 for a host outside of the configuration. */
export interface Address {
  readonly member: number;
  readonly host: string;
}

export interface SendEffect {
  readonly kind: 'send';
  readonly to: Address;
  readonly message: Message;
  readonly afterToken?: number;
}

/** Pull from this member, from the own last entry on; undefined: stop pulling. */
export interface SyncFromEffect {
  readonly kind: 'syncFrom';
  readonly source: Address | undefined;
  readonly because: string;
}

/** The member's state, its writability or the primary it knows has changed. */
export interface RoleEffect {
  readonly kind: 'role';
  readonly state: MemberStateName;
  /** Client writes may enter the log, with `term`. */
  readonly writable: boolean;
  /** The primary's own electionTermId, on others the highest known term. */
  readonly term: number;
  readonly primary: number | undefined;
  readonly because: string;
}

/** Everything in the own log up to here is held by a majority for ever. Never goes back. */
export interface CommitPointEffect {
  readonly kind: 'commitPoint';
  readonly gtid: Gtid;
}

/** Fail every client that waits for a write concern on an entry of this term: the tenure is over. */
export interface FailWaitersEffect {
  readonly kind: 'failWaiters';
  readonly term: number;
  readonly because: string;
}

/** Write a no-op entry with exactly the GTID (term, 0), then feed `appended`. */
export interface WriteNoopEffect {
  readonly kind: 'writeNoop';
  readonly term: number;
}

/**
 * Copy all data from this member, then feed `initialSyncFinished`. Before the first byte is thrown away, `held` is durable
 * beside the mark of an unfinished copy (hand it back as `heldBefore`), and the copy is not finished if it ends before `held`.
 */
export interface StartInitialSyncEffect {
  readonly kind: 'startInitialSync';
  readonly source: Address;
  readonly held: Gtid;
}

/**
 * Find the common point with the source and undo down to it, feeding `rolledBack` after each slice. The log in which the common point is found must
 * end after ours: a source that has lost its end since, or cannot be asked, changes nothing, and `rolledBack` says so.
 * A new configuration does not end it, not even one without this member.
 */
export interface RollbackEffect {
  readonly kind: 'rollback';
  readonly source: Address;
}

/** The configuration in use has changed. Connect to its members. */
export interface ConfigEffect {
  readonly kind: 'config';
  readonly config: ReplicaSetConfig;
  /** The own member id in it, undefined when removed. */
  readonly self: number | undefined;
}

/** On a primary: an acknowledged position has changed; look at the waiters for w: N and tags again. */
export interface ProgressEffect {
  readonly kind: 'progress';
}

export interface ReplyEffect {
  readonly kind: 'reply';
  readonly command: number;
  readonly outcome: CommandOutcome;
}

export type CommandOutcome =
  | { readonly ok: true; readonly note?: string }
  | {
      readonly ok: false;
      /** One of MongoDB's code names. */
      readonly code:
        | 'AlreadyInitialized'
        | 'ConfigurationInProgress'
        | 'ExceededTimeLimit'
        | 'InvalidReplicaSetConfig'
        | 'NewReplicaSetConfigurationIncompatible'
        | 'NodeNotFound'
        | 'NotSecondary'
        | 'NotWritablePrimary'
        | 'NotYetInitialized'
        | 'PrimarySteppedDown';
      readonly message: string;
    };

/** For the log and for traces. `mark` is a stable word to search for. */
export interface LogEffect {
  readonly kind: 'log';
  readonly mark: string;
  readonly fields: Readonly<Record<string, string | number | boolean | undefined>>;
}

/** An invariant is broken: end the member, the set survives it. */
export interface FatalEffect {
  readonly kind: 'fatal';
  readonly because: string;
}
