import type { Gtid } from './gtid.ts';
import type { Message } from './messages.ts';
import type { ReplicaSetConfigInput } from './replica-set-config.ts';

/**
 * Everything that can happen to a member. `now` is milliseconds of the member's own monotonic clock; it
 * must never go back. Clocks of different members need not agree in anything but, roughly, their rate.
 */
export type Input =
  | Tick
  | MessageReceived
  | PeerDisconnected
  | Appended
  | Durable
  | Persisted
  | Fetched
  | RolledBack
  | NoCommonPoint
  | InitialSyncFinished
  | StepDownCommand
  | ConfirmLeadCommand
  | FreezeCommand
  | SyncFromCommand
  | MaintenanceCommand
  | InitiateCommand
  | ReconfigCommand
  | WriteFailed;

interface AnyInput {
  readonly now: number;
}

/** Time has passed. Feed one right after creation and at `nextDeadline(state)`; more often does no harm. */
export interface Tick extends AnyInput {
  readonly kind: 'tick';
  /** In [0, 1), drawn anew for each tick: the only source of randomness, used to tell equal candidates apart. */
  readonly random: number;
}

export interface MessageReceived extends AnyInput {
  readonly kind: 'message';
  readonly message: Message;
}

/** The connection to that member closed or cannot be made. Ends the belief in it at once; a message from it restores it. */
export interface PeerDisconnected extends AnyInput {
  readonly kind: 'peerDisconnected';
  readonly member: number;
}

/** The own log now ends with this entry (written as primary or pulled), not necessarily durable. */
export interface Appended extends AnyInput {
  readonly kind: 'appended';
  readonly gtid: Gtid;
  /** Pulled entries: the commit point the source told with the batch. */
  readonly sourceCommitPoint?: Gtid;
}

/** Everything in the own log up to `gtid` survives power loss. */
export interface Durable extends AnyInput {
  readonly kind: 'durable';
  readonly gtid: Gtid;
  /** Rollback id when the flush began: a completion from before a rollback says nothing about the log of today. */
  readonly rollbackId: number;
}

/** The `persist` effect with this token, and all before it, survive power loss. */
export interface Persisted extends AnyInput {
  readonly kind: 'persisted';
  readonly token: number;
}

/** What came of pulling from the sync source; new entries come as `appended` instead. */
export interface Fetched extends AnyInput {
  readonly kind: 'fetched';
  readonly source: number;
  /**
   * `ok`: the source's log contains our last entry (and, possibly, nothing more). `nothing`: the source's
   * log ends before our last entry. `diverged`: the source is ahead and our last entry is not in its log.
   * `tooOld`: the source no longer keeps what follows our last entry. `unreachable`: no connection, or an
   * error. `sourceRolledBack`: the source's rollback id changed, connect anew.
   */
  readonly outcome: 'ok' | 'nothing' | 'diverged' | 'tooOld' | 'unreachable' | 'sourceRolledBack';
  /** Last entry of the source, when it told. */
  readonly sourceLastEntry?: Gtid;
  readonly sourceCommitPoint?: Gtid;
}

/** The own log now ends at `to`, after a slice of undoing. */
export interface RolledBack extends AnyInput {
  readonly kind: 'rolledBack';
  readonly to: Gtid;
  /** Raised durably with the first undone entry. */
  readonly rollbackId: number;
  /** False while more is to be undone. */
  readonly finished: boolean;
}

/**
 * The source's log was read to its beginning, which is after our commit point, and holds no entry of ours. Nothing has been undone.
 * If it begins at or before our commit point, do not feed this: something committed is lost, end the member.
 */
export interface NoCommonPoint extends AnyInput {
  readonly kind: 'noCommonPoint';
  readonly source: number;
}

/** The data of another member has been copied, durably; the own log ends with `lastEntry`. */
export interface InitialSyncFinished extends AnyInput {
  readonly kind: 'initialSyncFinished';
  readonly outcome: 'ok' | 'failed';
  readonly source: number;
  readonly lastEntry: Gtid;
}

/** The engine could not commit or flush what was already handed out: the tenure ends. */
export interface WriteFailed extends AnyInput {
  readonly kind: 'writeFailed';
}

/** Commands are answered by one `reply` effect with the same id. */
interface Command extends AnyInput {
  readonly command: number;
}

export interface StepDownCommand extends Command {
  readonly kind: 'stepDown';
  /** Without it the command is refused while no electable secondary has caught up (see `stepDownTarget`). */
  readonly force: boolean;
  /** The member will not stand for so long. */
  readonly freezeMillis: number;
}

/**
 * After a linearizable read: answered with ok once a majority has proved that this member was still the primary after this input,
 * and everything in its log at this moment is committed; with PrimarySteppedDown when its tenure ends before (G11).
 */
export interface ConfirmLeadCommand extends Command {
  readonly kind: 'confirmLead';
  /** The tenure that was read in: that of a later one says nothing about it. */
  readonly term: number;
}

export interface FreezeCommand extends Command {
  readonly kind: 'freeze';
  /** 0 ends it, and lets a single-member set elect itself again at once. */
  readonly millis: number;
}

/** Pull from this member next, if it can serve; one shot. */
export interface SyncFromCommand extends Command {
  readonly kind: 'syncFrom';
  readonly member: number;
}

export interface MaintenanceCommand extends Command {
  readonly kind: 'maintenance';
  readonly on: boolean;
}

/**
 * The shell has checked that the other members are reachable and empty. The data starts here: remember durably, before feeding
 * this, that this member needs no initial sync, or a crash before the first entry leaves a set nobody can lead.
 */
export interface InitiateCommand extends Command {
  readonly kind: 'initiate';
  readonly config: ReplicaSetConfigInput;
  /** Which member of it is this one. Default: by host. */
  readonly self?: number;
}

export interface ReconfigCommand extends Command {
  readonly kind: 'reconfig';
  readonly config: ReplicaSetConfigInput;
  /** Unsafe by definition: skips every check, on any member. */
  readonly force: boolean;
  /** Which member of it is this one. Default: as before, else by host. */
  readonly self?: number;
}
