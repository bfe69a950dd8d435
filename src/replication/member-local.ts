/**
 * What belongs to one member's store and is never copied to another: keys of the `meta` table
 * under one prefix. They live and die with the data, so a wiped member has a new incarnation.
 */
import {
  deleteMeta,
  type Engine,
  getMeta,
  putMeta,
  type Table,
  type WriteTransaction,
} from '../../storage/index.ts';
import { type Gtid, initialGtid, laterGtid } from '../ark/gtid.ts';
import { gtidFromBytes, gtidToBytes } from '../database/index.ts';
import type { Randomness } from './environment.ts';

const memberLocalPrefix = 'local.';
const incarnationName = `${memberLocalPrefix}incarnation`;
const rollbackIdName = `${memberLocalPrefix}rollbackId`;
const initialSyncName = `${memberLocalPrefix}initialSync`;

const gtidBytes = 16;
const prefixBytes = Buffer.from(memberLocalPrefix);

/** Collections of the database `local` are each member's own; their ids begin here. */
const firstLocalId = 0x8000_0000;
const nextLocalIdKey = Buffer.from('nextLocalCatalogId');

/** True for a row that belongs to this member alone: initial sync neither copies nor clears it. */
export function isMemberLocal(table: Table, key: Buffer): boolean {
  switch (table) {
    case 'meta':
      return key.subarray(0, prefixBytes.length).equals(prefixBytes) || nextLocalIdKey.equals(key);
    case 'catalog':
    case 'doc':
    case 'index':
    case 'stat':
      return key.length >= 4 && key.readUInt32BE(0) >= firstLocalId;
    case 'drop':
      // One byte for the kind of data stands before the id of what was dropped.
      return key.length >= 5 && key.readUInt32BE(1) >= firstLocalId;
    default:
      return false;
  }
}

/** The store's identity: hex, made once when the store is new. */
export async function ensureIncarnation(engine: Engine, random: Randomness): Promise<string> {
  const stored = getMeta(engine.latest, incarnationName);
  if (stored !== undefined) {
    return stored.toString('hex');
  }
  const incarnation = random.bytes(16);
  await engine.write((transaction) => putMeta(transaction, incarnationName, incarnation));
  return incarnation.toString('hex');
}

/** How often this store has rolled back; 1 for a new one, as MongoDB counts. */
export function readRollbackId(engine: Engine): number {
  return getMeta(engine.latest, rollbackIdName)?.readUInt32BE(0) ?? 1;
}

export function putRollbackId(transaction: WriteTransaction, rollbackId: number): void {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(rollbackId);
  putMeta(transaction, rollbackIdName, bytes);
}

/** True while the store holds an unfinished copy: it must be thrown away and begun again. */
export function isInitialSyncUnfinished(engine: Engine): boolean {
  return getMeta(engine.latest, initialSyncName) !== undefined;
}

/** What the store held before the unfinished copy began; the initial position when it held nothing. */
export function heldBeforeInitialSync(engine: Engine): Gtid {
  const stored = getMeta(engine.latest, initialSyncName);
  return stored?.length === gtidBytes ? gtidFromBytes(stored) : initialGtid;
}

/** Sets the mark, with what the store holds. A second attempt keeps what the first one has noted. */
export function markInitialSync(engine: Engine, held: Gtid): Promise<void> {
  const noted = laterGtid(heldBeforeInitialSync(engine), held);
  return engine.write((transaction) => putMeta(transaction, initialSyncName, gtidToBytes(noted)));
}

export function unmarkInitialSync(transaction: WriteTransaction): void {
  deleteMeta(transaction, initialSyncName);
}
