import { MongoServerError } from '../../errors/index.ts';

/** One element of a write command's `writeErrors`. */
export interface WriteError {
  readonly index: number;
  readonly code: number;
  readonly errmsg: string;
  readonly [field: string]: unknown;
}

export function writeErrorOf(index: number, error: MongoServerError): WriteError {
  return { index, code: error.code, ...error.fields, errmsg: error.message };
}

/**
 * An error that belongs to one statement is answered as its write error; one that ends the whole
 * command (not primary, interrupted, out of time, too old) is thrown on.
 */
const endsTheCommand: ReadonlySet<string> = new Set([
  'NotWritablePrimary',
  'NotPrimaryOrSecondary',
  'PrimarySteppedDown',
  'InterruptedDueToReplStateChange',
  'InterruptedAtShutdown',
  'ShutdownInProgress',
  'Interrupted',
  'MaxTimeMSExpired',
  'TransactionTooOld',
  'OutOfDiskSpace',
]);

/** The statement's error, or throws what is none. */
export function statementError(error: unknown): MongoServerError {
  if (error instanceof MongoServerError && !endsTheCommand.has(error.codeName)) return error;
  throw error;
}
