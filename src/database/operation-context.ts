import type { Gtid } from '../ark/gtid.ts';

/** Asked between slices of work: throws when the operation was killed or ran out of time. */
export interface Interrupt {
  check(): void;
  /** For who waits: rejects with what `check` would throw. Absent: never. */
  interrupted?(): Promise<never>;
}

/** The logical session an operation belongs to, as the driver named it. */
export interface OperationSession {
  /** The `lsid` document (BSON bytes, a copy). */
  readonly lsid: Buffer;
  /** Present for retryable writes and transactions. */
  readonly txnNumber?: bigint | undefined;
}

/** What every operation carries through the rooms, whoever started it. */
export interface OperationContext {
  readonly opId: number;
  readonly interrupt: Interrupt;
  /** Milliseconds since the epoch; undefined without a limit. */
  readonly deadline?: number | undefined;
  readonly session?: OperationSession | undefined;
  /** Called before the statements of a retryable write are logged; what it throws undoes them. */
  readonly beforeStatements?: (() => void) | undefined;
  /** Position of the newest entry this operation wrote: what its write concern waits for. */
  lastGtid?: Gtid | undefined;
}

const neverInterrupted: Interrupt = { check() {} };

/** A context for work the member does for itself. */
export function internalOperation(): OperationContext {
  return { opId: 0, interrupt: neverInterrupted };
}
