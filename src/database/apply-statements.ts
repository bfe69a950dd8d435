/** The session record of the retryable statements an entry executed, done or undone with it. */
import {
  deleteSession,
  getSession,
  putSession,
  type WriteTransaction,
} from '../../storage/index.ts';
import type { LoggedStatements } from './oplog-entry.ts';
import {
  decodeRan,
  decodeSessionRecord,
  encodeSessionRecord,
  sessionKey,
  withoutStatements,
  withStatements,
} from './session-record.ts';

export function applyStatements(transaction: WriteTransaction, statements: LoggedStatements): void {
  const key = sessionKey(statements.lsid);
  const bytes = getSession(transaction, key);
  const known = bytes === undefined ? undefined : decodeSessionRecord(bytes);
  const ran = known?.txnNumber === statements.txnNumber ? known.ran : [];
  putSession(
    transaction,
    key,
    encodeSessionRecord({
      lsid: statements.lsid,
      txnNumber: statements.txnNumber,
      ran: withStatements(ran, decodeRan(statements.ran, 0)),
    }),
  );
}

export function undoStatements(transaction: WriteTransaction, statements: LoggedStatements): void {
  const key = sessionKey(statements.lsid);
  if (statements.previous === null) {
    deleteSession(transaction, key);
    return;
  }
  if (statements.previous !== undefined) {
    putSession(transaction, key, statements.previous);
    return;
  }
  const bytes = getSession(transaction, key);
  if (bytes === undefined) throw new Error('the session record to undo is missing');
  const record = decodeSessionRecord(bytes);
  const ran = withoutStatements(record.ran, decodeRan(statements.ran, 0));
  putSession(transaction, key, encodeSessionRecord({ ...record, ran }));
}
