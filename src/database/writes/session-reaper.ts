/**
 * Forgets the records of sessions whose newest retryable write is longer ago than a session may idle.
 *
 * Every member watches its own records, a slice at a time, and remembers since when each has been as
 * it is: a new primary knows what the old one knew, and a restarted member begins anew. Only the primary
 * deletes, by a logged entry that carries the records, so that all members stay equal and undo
 * brings them back:
 *
 *     {op: 'c', ns: 'admin.$cmd', o: {reapSessions: [lsid ...]}, pre: {sessions: [record ...]}}
 */
import { hash } from 'node:crypto';
import { getSession, type WriteTransaction } from '../../../storage/index.ts';
import { DocumentWriter, ElementReader, type RawValue } from '../../bson/index.ts';
import type { Database } from '../database.ts';
import { internalOperation } from '../operation-context.ts';
import { sessionKey } from './session-record.ts';
import { isRecordKey, restoreSession, takeSession } from './session-statements.ts';

/** How long a session may idle: localLogicalSessionTimeoutMinutes. */
export const sessionTimeoutMinutes = 30;

/** Records looked at in one slice. */
const sliceRecordsMax = 500;
/** What one entry forgets: so many records, or so many bytes of them. */
const entryRecordsMax = 200;
const entryBytesMax = 1024 * 1024;

interface Sighting {
  /** Hash of the record's bytes. */
  readonly mark: string;
  readonly since: number;
}

export class SessionReaper {
  readonly #database: Database;
  /** By session key (latin1): of the pass before, and of the one that runs. */
  #known = new Map<string, Sighting>();
  #seen = new Map<string, Sighting>();
  #next: Buffer | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Looks at the next slice of records; as primary, forgets those that idled too long. Returns how many
   * it has forgotten.
   */
  async runSlice(isPrimary: boolean): Promise<number> {
    const idle = this.#look();
    return isPrimary && idle.size > 0 ? await this.#forget(idle) : 0;
  }

  /** The keys of idle sessions in the slice, with the marks of their records. */
  #look(): Map<string, string> {
    const now = this.#database.now();
    const idle = new Map<string, string>();
    const range = this.#next === undefined ? {} : { lower: this.#next };
    const cursor = this.#database.engine.latest.cursor('session', range);
    let bytes = 0;
    try {
      for (let count = 0; count < sliceRecordsMax; count += 1) {
        if (!cursor.next()) {
          this.#known = this.#seen;
          this.#seen = new Map();
          this.#next = undefined;
          return idle;
        }
        // The key that follows this one.
        this.#next = Buffer.concat([cursor.key, Buffer.of(0)]);
        if (!isRecordKey(cursor.key)) continue;
        const key = cursor.key.toString('latin1');
        const mark = markOf(cursor.value);
        const before = this.#known.get(key) ?? this.#seen.get(key);
        const since = before?.mark === mark ? before.since : now;
        this.#seen.set(key, { mark, since });
        if (now - since < sessionTimeoutMinutes * 60_000) continue;
        idle.set(key, mark);
        bytes += cursor.value.length;
        if (idle.size >= entryRecordsMax || bytes >= entryBytesMax) break;
      }
    } finally {
      cursor.close();
    }
    return idle;
  }

  async #forget(idle: ReadonlyMap<string, string>): Promise<number> {
    const written = await this.#database.write(internalOperation(), 'admin.$cmd', (writer) => {
      const lsids: Buffer[] = [];
      const kept: Buffer[] = [];
      let bytes = 0;
      for (const [name, mark] of idle) {
        // What is left is found again by the next pass.
        if (bytes >= entryBytesMax) break;
        const key = Buffer.from(name, 'latin1');
        const record = getSession(writer.transaction, key);
        // Used again since it was looked at: not idle.
        if (record === undefined || markOf(record) !== mark) continue;
        const taken = takeSession(writer.transaction, key);
        if (taken === undefined) continue;
        lsids.push(taken.lsid);
        kept.push(taken.whole);
        bytes += taken.whole.length;
      }
      if (lsids.length === 0) return 0;
      writer.note({
        op: 'c',
        ns: 'admin.$cmd',
        o: listOf('reapSessions', lsids),
        pre: listOf('sessions', kept),
      });
      return lsids.length;
    });
    return written.result;
  }
}

function markOf(record: Buffer): string {
  return hash('sha256', record, 'base64');
}

function listOf(name: string, documents: readonly Buffer[]): Buffer {
  const writer = new DocumentWriter();
  writer.startDocument();
  writer.startArray(name);
  for (const [at, document] of documents.entries()) {
    writer.rawBytes(String(at), 3, document, 0, document.length);
  }
  writer.endObject();
  writer.end();
  return writer.finish();
}

/** `sessions` of a `reapSessions` entry: the ids of those to forget. */
export function applyReapedSessions(transaction: WriteTransaction, sessions: RawValue): void {
  const reader = new ElementReader(sessions.buffer, sessions.start);
  while (reader.next()) {
    takeSession(transaction, sessionKey(sessions.buffer.subarray(reader.start, reader.end)));
  }
}

/** `records` of a `reapSessions` entry: as they were. */
export function undoReapedSessions(transaction: WriteTransaction, records: RawValue): void {
  const reader = new ElementReader(records.buffer, records.start);
  while (reader.next()) {
    restoreSession(transaction, Buffer.from(records.buffer.subarray(reader.start, reader.end)));
  }
}
