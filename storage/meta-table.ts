/** Small facts about the whole store, by short ASCII names; and the check that we can read it. */

import type { Engine, Reader, WriteTransaction } from './engine.ts';
import { uint32Key } from './key-parts.ts';

/** Changes whenever a store written before can no longer be read, or the other way round. */
const formatVersion = 1;
const formatVersionKey = Buffer.from('formatVersion');

/** A copy. */
export function getMeta(reader: Reader, name: string): Buffer | undefined {
  return reader.get('meta', Buffer.from(name));
}

export function putMeta(transaction: WriteTransaction, name: string, value: Buffer): void {
  transaction.put('meta', Buffer.from(name), value);
}

export function deleteMeta(transaction: WriteTransaction, name: string): boolean {
  return transaction.delete('meta', Buffer.from(name));
}

/** The files were written by a version of the program that keeps them differently. */
export class WrongFormatVersion extends Error {
  override readonly name = 'WrongFormatVersion';
}

/** Stamps a new store; throws `WrongFormatVersion` for one we can not read. */
export async function checkFormatVersion(engine: Engine): Promise<void> {
  const stored = engine.latest.get('meta', formatVersionKey)?.readUInt32BE(0);
  if (stored === formatVersion) return;
  if (stored !== undefined) {
    throw new WrongFormatVersion(
      `the data files have format version ${stored}; this program reads version ${formatVersion}`,
    );
  }
  await engine.write((transaction) => {
    transaction.put('meta', formatVersionKey, uint32Key(formatVersion));
  });
}
