/**
 * What a session's newest retryable write has executed, and what was answered: a repeated statement
 * is answered from here instead of being executed again.
 *
 *     {lsid, txnNumber: long, ran: [{s: first statement, c: how many, a: answer}, ...]}
 *
 * Neighbouring statements with the same answer share one element, so an insert of any size costs
 * one. Elements are appended at the end only, which is what lets undo take them off again and leave
 * the bytes as they were.
 */
import { createHash } from 'node:crypto';
import { DocumentWriter, ElementReader, findField } from '../bson/index.ts';

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
  };
}

/** The BSON array that an entry carries as `ran`. */
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

/** Appends to `ran`, joining neighbours; used for an entry's own list and for the record. */
export function withStatements(
  ran: readonly RanStatements[],
  more: readonly RanStatements[],
): RanStatements[] {
  const joined = [...ran];
  for (const next of more) {
    const last = joined.at(-1);
    if (
      last !== undefined &&
      last.first + last.count === next.first &&
      last.answer.equals(next.answer)
    ) {
      joined[joined.length - 1] = { ...last, count: last.count + next.count };
    } else joined.push(next);
  }
  return joined;
}

/** The exact inverse of `withStatements`. */
export function withoutStatements(
  ran: readonly RanStatements[],
  more: readonly RanStatements[],
): RanStatements[] {
  const rest = [...ran];
  for (let index = more.length - 1; index >= 0; index -= 1) {
    const gone = more[index] as RanStatements;
    const last = rest.pop();
    if (last === undefined || last.count < gone.count) {
      throw new Error('a session record does not end with the statements to take off');
    }
    if (last.count > gone.count) rest.push({ ...last, count: last.count - gone.count });
  }
  return rest;
}

/** The answer given when `statement` was executed, if it was. */
export function answerOf(record: SessionRecord, statement: number): Buffer | undefined {
  for (const { first, count, answer } of record.ran) {
    if (statement >= first && statement < first + count) return answer;
  }
  return undefined;
}
