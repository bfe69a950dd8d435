/**
 * One line of the oplog, as BSON with a fixed head so that position and hash are read without
 * parsing:
 *
 *     {ts, t, gtid, h, v: 2, wall, op, ns, ui?, cid?, rid?, o, o2?, pre?, ...}
 *
 * - `ts`, `t`, `op`, `ns`, `ui`, `o`, `o2`, `wall`, `v` read like MongoDB's, for tools that tail.
 * - `gtid` is the position: (term, opid) in 16 bytes, big-endian. `ts` rises strictly with it.
 * - `h` is a running hash: the first 8 bytes of SHA-256 over the entry with the previous entry's `h`
 *   in its place. Two logs that agree in (gtid, h) agree in everything up to there.
 * - `cid`, `rid`, `iid` are physical ids, the same on every member, so applying needs no lookup.
 * - `pre` is what undo needs and redo does not.
 * - `lsid`, `txnNumber`, `ran` are the retryable statements the entry executed, with their answers.
 *
 * An atomic group is one entry `{op: 'c', ns: 'admin.$cmd', o: {applyOps: [operation, ...]}}` whose
 * operations have the fields from `op` on.
 */
import { hash } from 'node:crypto';
import type { Gtid } from '../../ark/gtid.ts';
import {
  BsonType,
  DocumentWriter,
  ElementReader,
  findField,
  internName,
  type RawValue,
} from '../../bson/index.ts';
import { gtidFromBytes, gtidToBytes } from './gtid-bytes.ts';

/** Seconds and increment of a cluster time. */
export interface ClusterTime {
  readonly t: number;
  readonly i: number;
}

export function laterClusterTime(a: ClusterTime, b: ClusterTime): ClusterTime {
  return b.t > a.t || (b.t === a.t && b.i > a.i) ? b : a;
}

export type OperationKind = 'i' | 'u' | 'd' | 'c' | 'n';

/** One change, without its place in the log. Buffers are whole BSON documents. */
export interface LoggedOperation {
  readonly op: OperationKind;
  readonly ns: string;
  readonly ui?: Buffer | undefined;
  /** Collection id. */
  readonly cid?: number | undefined;
  /** Record id. */
  readonly rid?: number | undefined;
  readonly o: Buffer;
  readonly o2?: Buffer | undefined;
  readonly pre?: Buffer | undefined;
}

/** The part of an entry that says which statements of a retryable write it executed. */
export interface LoggedStatements {
  readonly lsid: Buffer;
  readonly txnNumber: number;
  /** BSON array of what `session-record` appends; see there. */
  readonly ran: Buffer;
  /** The whole previous record, when the entry begins a new transaction number; null without one. */
  readonly previous?: Buffer | null | undefined;
}

export interface EntryPlace {
  readonly gtid: Gtid;
  readonly ts: ClusterTime;
  /** Milliseconds since the epoch. */
  readonly wall: number;
  readonly previousHash: bigint;
}

/** An entry in the log: what travels to secondaries. */
export interface AppendedEntry {
  readonly gtid: Gtid;
  readonly bytes: Buffer;
}

const tsAt = 8;
const gtidAt = 38;
const hashAt = 57;
const wallAt = 78;
const headLength = 86;

/** The first bytes of every entry after its length: guards the fixed offsets above. */
const headMark = Buffer.from('\x11ts\0', 'latin1');

/**
 * One for all entries, which stay where it wrote them: one behind the other, so that the newest ones, kept
 * in memory for who follows, hold on to nothing but entries.
 */
const writer = new DocumentWriter(1 << 17);

export function makeEntry(
  place: EntryPlace,
  operations: readonly LoggedOperation[],
  statements: LoggedStatements | undefined,
): Buffer {
  writer.reset();
  writer.startDocument();
  writer.timestamp('ts', place.ts);
  writer.int64('t', place.gtid.term);
  writer.binary('gtid', 0, gtidToBytes(place.gtid));
  writer.int64('h', place.previousHash);
  writer.int32('v', 2);
  writer.date('wall', place.wall);
  const [first] = operations;
  if (operations.length === 1 && first !== undefined) {
    writeOperation(writer, first);
  } else {
    writer.string('op', 'c');
    writer.string('ns', 'admin.$cmd');
    writer.startObject('o');
    writer.startArray('applyOps');
    for (let index = 0; index < operations.length; index += 1) {
      writer.startObject(String(index));
      writeOperation(writer, operations[index] as LoggedOperation);
      writer.endObject();
    }
    writer.endObject();
    writer.endObject();
  }
  if (statements !== undefined) writeStatements(writer, statements);
  writer.end();
  const bytes = writer.finishInPlace();
  bytes.writeBigInt64LE(contentHash(bytes), hashAt);
  return bytes;
}

function writeOperation(writer: DocumentWriter, operation: LoggedOperation): void {
  writer.string('op', operation.op);
  writer.string('ns', operation.ns);
  if (operation.ui !== undefined) writer.binary('ui', 4, operation.ui);
  if (operation.cid !== undefined) writer.int64('cid', operation.cid);
  if (operation.rid !== undefined) writer.int64('rid', operation.rid);
  writeDocument(writer, 'o', operation.o);
  if (operation.o2 !== undefined) writeDocument(writer, 'o2', operation.o2);
  if (operation.pre !== undefined) writeDocument(writer, 'pre', operation.pre);
}

function writeStatements(writer: DocumentWriter, statements: LoggedStatements): void {
  writeDocument(writer, 'lsid', statements.lsid);
  writer.int64('txnNumber', statements.txnNumber);
  writer.rawBytes('ran', BsonType.array, statements.ran, 0, statements.ran.length);
  if (statements.previous === null) writer.null('preSession');
  else if (statements.previous !== undefined) {
    writeDocument(writer, 'preSession', statements.previous);
  }
}

function writeDocument(writer: DocumentWriter, name: string, document: Buffer): void {
  writer.rawBytes(name, BsonType.object, document, 0, document.length);
}

/** SHA-256 over the entry as it stands, that is with the previous hash in the place of its own. */
function contentHash(bytes: Buffer): bigint {
  return (hash('sha256', bytes, 'buffer') as unknown as Buffer).readBigInt64LE(0);
}

/** Throws unless `bytes` begin like an entry made by `makeEntry`. */
function checkEntryHead(bytes: Buffer): void {
  if (bytes.length < headLength || bytes.compare(headMark, 0, headMark.length, 4, 8) !== 0) {
    throw new Error('not an oplog entry of this format');
  }
}

export function entryGtid(bytes: Buffer): Gtid {
  return gtidFromBytes(bytes, gtidAt);
}

export function entryHash(bytes: Buffer): bigint {
  return bytes.readBigInt64LE(hashAt);
}

export function entryClusterTime(bytes: Buffer): ClusterTime {
  return { t: bytes.readUInt32LE(tsAt + 4), i: bytes.readUInt32LE(tsAt) };
}

/** Milliseconds since the epoch on the primary that wrote the entry. */
export function entryWallTime(bytes: Buffer): number {
  return Number(bytes.readBigInt64LE(wallAt));
}

/** True when `bytes` continue a log whose newest entry has `previousHash`. */
export function entryFollows(bytes: Buffer, previousHash: bigint): boolean {
  const { length } = bytes;
  const copy = length <= hashed.length ? hashed.subarray(0, length) : Buffer.allocUnsafe(length);
  copy.set(bytes);
  copy.writeBigInt64LE(previousHash, hashAt);
  return contentHash(copy) === entryHash(bytes);
}

/** What is hashed of an entry that is not too long for it. */
const hashed = Buffer.allocUnsafeSlow(1 << 14);

/** An operation as it stands in an entry: ranges of the entry's own bytes. */
export interface ReadOperation {
  op: OperationKind;
  ns: string;
  ui: Buffer | undefined;
  cid: number;
  rid: number;
  o: RawValue;
  o2: RawValue | undefined;
  pre: RawValue | undefined;
}

export interface ReadEntry {
  readonly operations: ReadOperation[];
  readonly statements: LoggedStatements | undefined;
}

/** The operations and session statements of an entry, in order; documents stay in `bytes`. */
export function readEntry(bytes: Buffer): ReadEntry {
  checkEntryHead(bytes);
  const operation = readOperation(bytes, 0);
  const operations: ReadOperation[] = [];
  const group = operation.op === 'c' ? applyOpsOf(operation.o) : undefined;
  if (group === undefined) operations.push(operation);
  else {
    const reader = new ElementReader(bytes, group.start);
    while (reader.next()) operations.push(readOperation(bytes, reader.start));
  }
  return { operations, statements: readStatements(bytes) };
}

function readStatements(bytes: Buffer): LoggedStatements | undefined {
  const lsid = findField(bytes, 0, 'lsid');
  const ran = lsid && findField(bytes, 0, 'ran');
  if (lsid === undefined || ran === undefined) return undefined;
  const previous = findField(bytes, 0, 'preSession');
  return {
    lsid: copyOf(lsid),
    txnNumber: longOf(findField(bytes, 0, 'txnNumber')),
    ran: copyOf(ran),
    previous:
      previous === undefined
        ? undefined
        : previous.type === BsonType.null
          ? null
          : copyOf(previous),
  };
}

function applyOpsOf(o: RawValue): RawValue | undefined {
  const reader = new ElementReader(o.buffer, o.start);
  if (!reader.next() || reader.name() !== 'applyOps') return undefined;
  return reader.value();
}

/** Unknown fields, and those of the entry's head, are passed over. */
function readOperation(bytes: Buffer, start: number): ReadOperation {
  let op = '';
  let ns = '';
  let ui: Buffer | undefined;
  let cid = -1;
  let rid = -1;
  let o: RawValue | undefined;
  let o2: RawValue | undefined;
  let pre: RawValue | undefined;
  const reader = new ElementReader(bytes, start);
  while (reader.next()) {
    switch (reader.name()) {
      case 'op':
        op = stringOf(reader.value());
        break;
      case 'ns':
        ns = stringOf(reader.value());
        break;
      case 'ui':
        ui = bytes.subarray(reader.start + 5, reader.end);
        break;
      case 'cid':
        cid = longOf(reader.value());
        break;
      case 'rid':
        rid = longOf(reader.value());
        break;
      case 'o':
        o = reader.value();
        break;
      case 'o2':
        o2 = reader.value();
        break;
      case 'pre':
        pre = reader.value();
        break;
    }
  }
  if (o === undefined) throw new Error('an oplog entry has no o');
  return { op: op as OperationKind, ns, ui, cid, rid, o, o2, pre };
}

function stringOf(value: RawValue): string {
  return internName(value.buffer, value.start + 4, value.end - 1);
}

function longOf(value: RawValue | undefined): number {
  return value === undefined ? -1 : Number(value.buffer.readBigInt64LE(value.start));
}

function copyOf(value: RawValue): Buffer {
  return Buffer.from(value.buffer.subarray(value.start, value.end));
}
