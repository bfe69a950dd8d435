/**
 * The statements of a retryable write in the session table: a record, and pages for what the record
 * has no room for. Adding one, asking for one and taking one off cost the same however many there
 * are, and all rows are found by key.
 *
 * Invariants
 * - Once there is a page, statements are added to pages only, so the newest one is never in the record.
 * - Taking off what was added leaves the rows as they were, byte by byte.
 */
import {
  deleteSession,
  getSession,
  putSession,
  type Reader,
  type WriteTransaction,
} from '../../../storage/index.ts';
import {
  BsonType,
  DocumentWriter,
  ElementReader,
  findField,
  type RawValue,
} from '../../bson/index.ts';
import type { LoggedStatements } from '../oplog/oplog-entry.ts';
import {
  addStatements,
  answerIn,
  decodeRan,
  decodeSessionRecord,
  encodeRan,
  encodeSessionRecord,
  joins,
  type RanStatements,
  removeStatements,
  type SessionRecord,
  sessionKey,
} from './session-record.ts';

/** Elements in the record itself: it is read and written by every retryable write. */
const recordElementsMax = 32;
/** Statement numbers of one page. */
const pageStatements = 64;

/** What a session's newest retryable write has executed. */
export interface ExecutedBefore {
  readonly txnNumber: number;
  /** What was answered when `statement` was executed; undefined when it was not. */
  answerOf(statement: number): Buffer | undefined;
}

export function executedBefore(reader: Reader, lsid: Buffer): ExecutedBefore | undefined {
  const key = sessionKey(lsid);
  const bytes = getSession(reader, key);
  if (bytes === undefined) return undefined;
  const { txnNumber, ran, pages } = decodeSessionRecord(bytes);
  return {
    txnNumber,
    answerOf(statement) {
      const answer = answerIn(ran, statement);
      if (answer !== undefined || pages.length === 0) return answer;
      return answerIn(readPage(reader, key, pageOf(statement)), statement);
    },
  };
}

/**
 * Adds statements that were executed, and begins a new record when the transaction number is a new
 * one. Returns what an entry tells of it.
 */
export function rememberStatements(
  transaction: WriteTransaction,
  executed: Omit<SessionRecord, 'pages'>,
): LoggedStatements {
  const { txnNumber, ran } = executed;
  const key = sessionKey(executed.lsid);
  const bytes = getSession(transaction, key);
  const known = bytes === undefined ? undefined : decodeSessionRecord(bytes);
  const continues = known?.txnNumber === txnNumber;
  let previous: Buffer | null | undefined;
  if (!continues) {
    // Nearly always there are no pages, and the new record takes the place of the old one.
    const isAlone = known === undefined || known.pages.length === 0;
    previous = (isAlone ? bytes : takeSession(transaction, key)?.whole) ?? null;
  }
  const lsid = continues ? known.lsid : executed.lsid;
  const record = {
    lsid,
    txnNumber,
    ran: continues ? [...known.ran] : [],
    pages: continues ? [...known.pages] : [],
  };
  const joined: RanStatements[] = [];
  for (const each of ran) addStatements(joined, each);
  for (const each of joined) {
    const hasRoom = record.ran.length < recordElementsMax || joins(record.ran, each);
    if (record.pages.length === 0 && hasRoom) addStatements(record.ran, each);
    else for (const part of byPage(each)) addToPage(transaction, key, record.pages, part);
  }
  putSession(transaction, key, encodeSessionRecord(record));
  return { lsid, txnNumber, ran: encodeRan(joined), previous };
}

/** Takes back what `rememberStatements` did. */
export function forgetStatements(
  transaction: WriteTransaction,
  { lsid, ran, previous }: LoggedStatements,
): void {
  const key = sessionKey(lsid);
  if (previous !== undefined) {
    takeSession(transaction, key);
    if (previous !== null) restoreSession(transaction, previous);
    return;
  }
  const bytes = getSession(transaction, key);
  if (bytes === undefined) throw new Error('the session record to undo is missing');
  const known = decodeSessionRecord(bytes);
  const record = { ...known, ran: [...known.ran], pages: [...known.pages] };
  for (const each of decodeRan(ran, 0).reverse()) {
    if (record.pages.length === 0) removeStatements(record.ran, each);
    else {
      for (const part of byPage(each).reverse()) {
        removeFromPage(transaction, key, record.pages, part);
      }
    }
  }
  putSession(transaction, key, encodeSessionRecord(record));
}

export interface WholeSession {
  readonly lsid: Buffer;
  /**
   * The record; with pages `{record, pages: [{p: number of the page, ran: its array}, ...]}`.
   */
  readonly whole: Buffer;
}

/** Takes a session's rows away and returns them as one document; undefined when there are none. */
export function takeSession(transaction: WriteTransaction, key: Buffer): WholeSession | undefined {
  const record = getSession(transaction, key);
  if (record === undefined) return undefined;
  const { lsid, pages } = decodeSessionRecord(record);
  deleteSession(transaction, key);
  if (pages.length === 0) return { lsid, whole: record };
  const writer = new DocumentWriter();
  writer.startDocument();
  writer.rawBytes('record', BsonType.object, record, 0, record.length);
  writer.startArray('pages');
  for (const [at, page] of pages.entries()) {
    const row = getSession(transaction, pageKey(key, page));
    if (row === undefined) throw new Error('a page of a session record is missing');
    deleteSession(transaction, pageKey(key, page));
    writer.startObject(String(at));
    writer.int32('p', page);
    writer.rawBytes('ran', BsonType.array, row, 0, row.length);
    writer.endObject();
  }
  writer.endObject();
  writer.end();
  return { lsid, whole: writer.finish() };
}

/** Puts back what `takeSession` took. */
export function restoreSession(transaction: WriteTransaction, whole: Buffer): void {
  const inner = findField(whole, 0, 'record');
  const record = inner === undefined ? whole : copyOf(inner);
  const key = sessionKey(decodeSessionRecord(record).lsid);
  putSession(transaction, key, record);
  const pages = findField(whole, 0, 'pages');
  if (inner === undefined || pages === undefined) return;
  const reader = new ElementReader(whole, pages.start);
  while (reader.next()) {
    const page = findField(whole, reader.start, 'p');
    const row = findField(whole, reader.start, 'ran');
    if (page === undefined || row === undefined) throw new Error('a kept page is incomplete');
    putSession(transaction, pageKey(key, whole.readInt32LE(page.start)), copyOf(row));
  }
}

/** Whether a row of the session table is a record, which stands for its pages. */
export function isRecordKey(key: Buffer): boolean {
  return key.length === 32;
}

// -- pages ----------------------------------------------------------------------------------------

function pageOf(statement: number): number {
  return Math.floor(statement / pageStatements);
}

function pageKey(key: Buffer, page: number): Buffer {
  const whole = Buffer.allocUnsafe(key.length + 4);
  key.copy(whole);
  whole.writeInt32BE(page, key.length);
  return whole;
}

function readPage(reader: Reader, key: Buffer, page: number): RanStatements[] {
  const row = getSession(reader, pageKey(key, page));
  return row === undefined ? [] : decodeRan(row, 0);
}

/** The parts of `executed` that lie on one page each. */
function byPage({ first, count, answer }: RanStatements): RanStatements[] {
  const parts: RanStatements[] = [];
  const end = first + count;
  for (let at = first; at < end; ) {
    const next = Math.min(end, (pageOf(at) + 1) * pageStatements);
    parts.push({ first: at, count: next - at, answer });
    at = next;
  }
  return parts;
}

function addToPage(
  transaction: WriteTransaction,
  key: Buffer,
  pages: number[],
  part: RanStatements,
): void {
  const page = pageOf(part.first);
  const ran = readPage(transaction, key, page);
  if (ran.length === 0) pages.push(page);
  addStatements(ran, part);
  putSession(transaction, pageKey(key, page), encodeRan(ran));
}

function removeFromPage(
  transaction: WriteTransaction,
  key: Buffer,
  pages: number[],
  part: RanStatements,
): void {
  const page = pageOf(part.first);
  const ran = readPage(transaction, key, page);
  removeStatements(ran, part);
  if (ran.length > 0) {
    putSession(transaction, pageKey(key, page), encodeRan(ran));
    return;
  }
  if (pages.pop() !== page) throw new Error('the page to take off is not the newest one');
  deleteSession(transaction, pageKey(key, page));
}

function copyOf({ buffer, start, end }: RawValue): Buffer {
  return Buffer.from(buffer.subarray(start, end));
}
