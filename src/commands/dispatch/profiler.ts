/**
 * Which commands are logged as slow, and which are kept for `system.profile`: settings by database, and
 * the newest entries of each.
 *
 * The entries stay in this member's memory, within the size of the capped collection they are shown as;
 * a restart begins anew. They are no collection of the store: nothing of them is replicated, and a
 * secondary profiles what it runs itself.
 */
import { encodeDocument, type RawValue } from '../../bson/index.ts';
import { type Database, encodeOptions, listedCollection } from '../../database/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { type Filter, parseFilter } from '../../query/index.ts';
import type { Command, ReplyDocument } from '../command.ts';
import type { Operation } from './operation.ts';
import { failed } from './reply-fields.ts';

/** MongoDB's, in bytes. */
const defaultSize = 1024 * 1024;
/** A longer command is named only. */
const commandBytesMax = 50 * 1024;

/** What a database's operations are profiled by. */
interface DatabaseProfile {
  /** 0: none, 1: slow ones or those that match the filter, 2: all. */
  level: number;
  /** Then slowMs and sampleRate say nothing. */
  filter: Filter | undefined;
}

interface ProfileLog {
  readonly bytesMax: number;
  bytes: number;
  entries: Buffer[];
}

export interface ProfileChange {
  readonly level: number | undefined;
  readonly slowMs: number | undefined;
  readonly sampleRate: number | undefined;
  readonly filter: RawValue | 'unset' | undefined;
}

/** Where an operation came from. */
export interface ProfiledClient {
  readonly remoteAddress: string;
  readonly appName: string;
}

export class Profiler {
  /** Of all databases, as in MongoDB. */
  slowMs = 100;
  sampleRate = 1;
  /** Something besides the log of slow commands is asked for. */
  isActive = false;
  readonly #database: Database;
  readonly #profiles = new Map<string, DatabaseProfile>();
  readonly #logs = new Map<string, ProfileLog>();

  constructor(database: Database) {
    this.#database = database;
  }

  settings(name: string): Readonly<DatabaseProfile> {
    return this.#profiles.get(name) ?? { level: 0, filter: undefined };
  }

  change(name: string, { level, slowMs, sampleRate, filter }: ProfileChange): void {
    const profile = { ...this.settings(name) };
    if (level !== undefined) profile.level = level;
    if (filter === 'unset') profile.filter = undefined;
    else if (filter !== undefined) {
      const spec = Buffer.from(filter.buffer.subarray(filter.start, filter.end));
      profile.filter = parseFilter(spec, 0);
    }
    if (profile.level > 0) this.#open(name);
    this.#profiles.set(name, profile);
    this.slowMs = slowMs ?? this.slowMs;
    this.sampleRate = sampleRate ?? this.sampleRate;
    this.isActive = [...this.#profiles.values()].some(
      (each) => each.level > 0 || each.filter !== undefined,
    );
  }

  /** Makes the collection, always capped. False when there is one of another size. */
  create(name: string, bytesMax = defaultSize): boolean {
    const existing = this.#logs.get(name);
    if (existing !== undefined) return existing.bytesMax === bytesMax;
    const log: ProfileLog = { bytesMax, bytes: 0, entries: [] };
    const namespace = `${name}.system.profile`;
    const options = encodeOptions({ capped: true, size: bytesMax });
    const listed = listedCollection(namespace, () => log.entries, {
      options,
      uuid: this.#database.newUuid(),
    });
    this.#logs.set(name, log);
    this.#database.virtualCollections.set(namespace, listed);
    return true;
  }

  /** False when there is none. Throws while the database is profiled. */
  drop(name: string): boolean {
    if (!this.#logs.has(name)) return false;
    if (this.settings(name).level > 0) {
      throw new MongoServerError(
        'IllegalOperation',
        'turn off profiling before dropping system.profile collection',
      );
    }
    this.forget(name);
    return true;
  }

  /** The database was dropped: its entries go, its level stays. */
  forget(name: string): void {
    this.#logs.delete(name);
    this.#database.virtualCollections.delete(`${name}.system.profile`);
  }

  /** Whether a command that has ended is slow, and among the sampled. `duration` in milliseconds. */
  isSlow(operation: Operation, duration: number): boolean {
    const isSlow = duration - operation.awaitedMs >= this.slowMs;
    return isSlow && (this.sampleRate >= 1 || this.#random() < this.sampleRate);
  }

  /** Keeps what has ended if that is asked for, and answers whether it is to be logged. */
  record(
    command: Command,
    operation: Operation,
    reply: ReplyDocument,
    duration: number,
    isSlow: boolean,
    client: ProfiledClient | undefined,
  ): boolean {
    const [name = ''] = operation.namespace.split('.', 1);
    const { level, filter } = this.settings(name);
    if (level === 0 && filter === undefined) return isSlow;
    const entry = encodeDocument(
      entryOf(command, operation, reply, duration, client, this.#database.now()),
    );
    const isWanted = filter === undefined ? isSlow : filter.matches(entry, 0);
    if (level === 2 || (level === 1 && isWanted)) this.#keep(name, entry);
    return isWanted;
  }

  #random(): number {
    return this.#database.randomBytes(4).readUInt32LE(0) / 2 ** 32;
  }

  #open(name: string): void {
    if (this.#logs.has(name)) return;
    if (this.#database.catalog.byNamespace(`${name}.system.profile`) !== undefined) {
      throw new MongoServerError('IllegalOperation', `${name}.system.profile is a collection`);
    }
    this.create(name);
  }

  #keep(name: string, entry: Buffer): void {
    this.#open(name);
    const log = this.#logs.get(name) as ProfileLog;
    log.bytes += entry.length;
    let gone = 0;
    for (; log.bytes > log.bytesMax && gone < log.entries.length; gone++) {
      log.bytes -= log.entries[gone]!.length;
    }
    // Readers keep the list they were given.
    log.entries = [...log.entries.slice(gone), entry];
  }
}

const operationNames: Readonly<Record<string, string>> = { delete: 'remove' };

function entryOf(
  command: Command,
  operation: Operation,
  reply: ReplyDocument,
  duration: number,
  client: ProfiledClient | undefined,
  now: number,
): Record<string, unknown> {
  const counter = command.counter ?? 'command';
  const { body } = operation;
  const isLong = body === undefined || body.length > commandBytesMax;
  return {
    op: operationNames[counter] ?? (counter === 'none' ? 'command' : counter),
    ns: operation.namespace,
    command: isLong ? { $truncated: command.name } : body,
    ...operation.details,
    ...countsOf(command, reply),
    ...(reply.ok === failed
      ? { errName: reply.codeName, errCode: reply.code, errMsg: reply.errmsg, ok: 0 }
      : {}),
    protocol: 'op_msg',
    millis: Math.round(duration),
    ts: new Date(now),
    client: client?.remoteAddress ?? '',
    ...(client?.appName ? { appName: client.appName } : {}),
    allUsers: [],
    user: '',
  };
}

function countsOf(command: Command, reply: ReplyDocument): Record<string, unknown> {
  const cursor = reply.cursor as
    | { firstBatch?: ArrayLike<unknown>; nextBatch?: ArrayLike<unknown>; id?: unknown }
    | undefined;
  const batch = cursor?.firstBatch ?? cursor?.nextBatch;
  switch (command.name) {
    case 'insert':
      return { ninserted: reply.n };
    case 'delete':
      return { ndeleted: reply.n };
    case 'update':
      return { nMatched: reply.n, nModified: reply.nModified };
    default:
      return batch === undefined
        ? {}
        : { nreturned: batch.length, ...(cursor?.id === 0n ? { cursorExhausted: true } : {}) };
  }
}
