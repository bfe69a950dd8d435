/**
 * Statements of a retryable write: executed once, answered from the session record ever after.
 *
 * The record is read inside the write body, so a retry that arrives while the first attempt is still
 * in flight sees it too.
 */
import type { Reader } from '../../../storage/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { OperationContext } from '../operation-context.ts';
import { sessionKey } from './session-record.ts';
import { executedBefore } from './session-statements.ts';

export interface RetryableWrite {
  readonly lsid: Buffer;
  readonly txnNumber: number;
}

/** Undefined when the operation is not a retryable write. */
export function retryableWriteOf(operation: OperationContext): RetryableWrite | undefined {
  const { session } = operation;
  if (session?.txnNumber === undefined) return undefined;
  return { lsid: session.lsid, txnNumber: Number(session.txnNumber) };
}

/** What was answered when a statement was executed, undefined when it was not. */
export type AnswersBefore = (statement: number) => Buffer | undefined;

/**
 * Reads what the write has executed before. Throws TransactionTooOld when the session has gone on
 * to a newer transaction number.
 */
export function answersBefore(reader: Reader, write: RetryableWrite): AnswersBefore {
  const record = executedBefore(reader, write.lsid);
  if (record === undefined) return nothingBefore;
  if (record.txnNumber > write.txnNumber) {
    throw new MongoServerError(
      'TransactionTooOld',
      `Retryable write with txnNumber ${write.txnNumber} is prohibited on session ${nameOf(write.lsid)} because a newer retryable write with txnNumber ${record.txnNumber} has already started on this session.`,
    );
  }
  if (record.txnNumber < write.txnNumber) return nothingBefore;
  return (statement) => record.answerOf(statement);
}

function nothingBefore(): undefined {
  return undefined;
}

function nameOf(lsid: Buffer): string {
  return sessionKey(lsid).toString('hex').slice(0, 32);
}
