/**
 * What a session's newest retryable write has executed, and what was answered: a repeated statement
 * is answered from here instead of being executed again.
 *
 *     {lsid, txnNumber: long, ran: [{s: first statement, c: how many, a: answer}, ...], pages?: binary}
 *
 * Neighbouring statements with the same answer share one element, so an insert of any size costs
 * one. Elements are appended at the end only, which is what lets undo take them off again and leave
 * the bytes as they were. Those that do not fit any more are in pages, rows of their own that hold
 * the statements of one range of numbers each; `pages` lists the ranges.
 */
import { createHash } from 'node:crypto';
import { DocumentWriter, ElementReader, findField, type RawValue } from '../../bson/index.ts';

export interface RanStatements {
  readonly first: number;
  readonly count: number;
  /** BSON: {n, nModified?, upserted?} or {value, lastErrorObject}. */
  readonly answer: Buffer;
}

export interface SessionRecord {
  readonly lsid: Buffer;
  readonly txnNumber: number;
  readonly ran: readonly RanStatements[];
  /** Numbers of the pages there are, in the order of their beginning. */
  readonly pages: readonly number[];
}

/** Key of a session's record: a hash of its id and of the user it belongs to. */
export function sessionKey(lsid: Buffer): Buffer {
  const digest = createHash('sha256');
  for (const name of ['id', 'uid']) {
    const value = findField(lsid, 0, name);
    if (value !== undefined) digest.update(value.buffer.subarray(value.start, value.end));
  }
  return digest.digest();
}

export function encodeSessionRecord(record: SessionRecord): Buffer {
  const writer = new DocumentWriter();
  writer.startDocument();
  writer.rawBytes('lsid', 3, record.lsid, 0, record.lsid.length);
  writer.int64('txnNumber', record.txnNumber);
  writer.startArray('ran');
  writeRan(writer, record.ran);
  writer.endObject();
  if (record.pages.length > 0) writer.binary('pages', 0, encodePages(record.pages));
  writer.end();
  return writer.finish();
}

export function decodeSessionRecord(bytes: Buffer): SessionRecord {
  const lsid = findField(bytes, 0, 'lsid');
  const txnNumber = findField(bytes, 0, 'txnNumber');
  const ran = findField(bytes, 0, 'ran');
  if (lsid === undefined || txnNumber === undefined || ran === undefined) {
    throw new Error('a session record is incomplete');
  }
  return {
    lsid: Buffer.from(bytes.subarray(lsid.start, lsid.end)),
    txnNumber: Number(bytes.readBigInt64LE(txnNumber.start)),
    ran: decodeRan(bytes, ran.start),
    pages: decodePages(findField(bytes, 0, 'pages')),
  };
}

/** Four bytes a page: a record with thousands of them is still small. */
function encodePages(pages: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(4 * pages.length);
  for (let at = 0; at < pages.length; at += 1) bytes.writeInt32LE(pages[at] as number, 4 * at);
  return bytes;
}

function decodePages(value: RawValue | undefined): number[] {
  const pages: number[] = [];
  if (value === undefined) return pages;
  // Length and subtype come before a binary's bytes.
  for (let at = value.start + 5; at < value.end; at += 4) pages.push(value.buffer.readInt32LE(at));
  return pages;
}

/** The BSON array that an entry carries as `ran`, and that a page is. */
export function encodeRan(ran: readonly RanStatements[]): Buffer {
  const writer = new DocumentWriter();
  writer.startDocument();
  writeRan(writer, ran);
  writer.end();
  return writer.finish();
}

export function decodeRan(bytes: Buffer, start: number): RanStatements[] {
  const ran: RanStatements[] = [];
  const reader = new ElementReader(bytes, start);
  while (reader.next()) {
    const first = findField(bytes, reader.start, 's');
    const count = findField(bytes, reader.start, 'c');
    const answer = findField(bytes, reader.start, 'a');
    if (first === undefined || count === undefined || answer === undefined) {
      throw new Error('a ran statement is incomplete');
    }
    ran.push({
      first: bytes.readInt32LE(first.start),
      count: bytes.readInt32LE(count.start),
      answer: Buffer.from(bytes.subarray(answer.start, answer.end)),
    });
  }
  return ran;
}

function writeRan(writer: DocumentWriter, ran: readonly RanStatements[]): void {
  for (let index = 0; index < ran.length; index += 1) {
    const { first, count, answer } = ran[index] as RanStatements;
    writer.startObject(String(index));
    writer.int32('s', first);
    writer.int32('c', count);
    writer.rawBytes('a', 3, answer, 0, answer.length);
    writer.endObject();
  }
}

/** Whether the last of `ran` can take `next` in. */
export function joins(ran: readonly RanStatements[], next: RanStatements): boolean {
  const last = ran.at(-1);
  return (
    last !== undefined && last.first + last.count === next.first && last.answer.equals(next.answer)
  );
}

/** Appends to `ran`, joining neighbours. */
export function addStatements(ran: RanStatements[], next: RanStatements): void {
  const last = ran.at(-1);
  if (last !== undefined && joins(ran, next)) {
    ran[ran.length - 1] = { ...last, count: last.count + next.count };
  } else ran.push(next);
}

/** The exact inverse of `addStatements`. */
export function removeStatements(ran: RanStatements[], gone: RanStatements): void {
  const last = ran.pop();
  if (last === undefined || last.count < gone.count) {
    throw new Error('a session record does not end with the statements to take off');
  }
  if (last.count > gone.count) ran.push({ ...last, count: last.count - gone.count });
}

/** The answer given when `statement` was executed, if it was. */
export function answerIn(ran: readonly RanStatements[], statement: number): Buffer | undefined {
  return ran.find(({ first, count }) => statement >= first && statement < first + count)?.answer;
}
