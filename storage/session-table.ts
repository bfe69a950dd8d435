/** What a logical session must remember durably: session key (bytes) -> BSON of the owner's making. */

import type { Reader, WriteTransaction } from './engine.ts';

export function putSession(transaction: WriteTransaction, key: Buffer, record: Buffer): void {
  transaction.put('session', key, record);
}

/** A copy. */
export function getSession(reader: Reader, key: Buffer): Buffer | undefined {
  return reader.get('session', key);
}

export function deleteSession(transaction: WriteTransaction, key: Buffer): boolean {
  return transaction.delete('session', key);
}
