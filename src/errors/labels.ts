import type { CodeName } from './codes.ts';

/** Labels a driver reads to decide whether it may retry. */
export type ErrorLabel =
  | 'RetryableWriteError'
  | 'TransientTransactionError'
  | 'UnknownTransactionCommitResult'
  | 'NoWritesPerformed'
  | 'ResumableChangeStreamError';

/**
 * Codes after which a driver may send a retryable write again (retryable-writes specification,
 * "Determining Retryable Errors"). The label is added only to commands that carry a txnNumber.
 */
export const retryableWriteCodes: ReadonlySet<CodeName> = new Set<CodeName>([
  'HostUnreachable',
  'HostNotFound',
  'ShutdownInProgress',
  'PrimarySteppedDown',
  'ExceededTimeLimit',
  'InterruptedAtShutdown',
  'InterruptedDueToReplStateChange',
  'NotWritablePrimary',
  'NotPrimaryNoSecondaryOk',
  'NotPrimaryOrSecondary',
]);
