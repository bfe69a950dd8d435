/**
 * One member's data: records, index keys, statistics, session records and the oplog entry that
 * describes them change together, in one storage transaction, or not at all.
 *
 * Invariants
 * - GTIDs are handed out inside a write body, in order, from memory, and given back when the body
 *   throws: the oplog has no holes and commit order is GTID order.
 * - Writers see the newest catalog, readers the newest durable one.
 * - What the log says is what was done: apply and undo work from an entry's bytes alone, and leave
 *   the same bytes in catalog, doc, index, oplog, session and stat on every member.
 *
 * What it deliberately does not know: who is primary (a gate is passed in), other members, commands.
 */
import { randomBytes } from 'node:crypto';
import {
  appendEntry,
  type BatchObserver,
  type CatalogState,
  type CollectionInfo,
  deleteEntry,
  type Engine,
  getSession,
  lastEntry,
  loadCatalog,
  OutOfSpace,
  oplogSize,
  type Reader,
  readStat,
  reapDroppedData,
  type WriteTransaction,
} from '../../storage/index.ts';
import { compareGtids, type Gtid } from '../ark/gtid.ts';
import { MongoServerError } from '../errors/index.ts';
import { applyEntry, type RemovedDocument, undoEntry } from './apply.ts';
import { collectionsOf } from './collections.ts';
import { gtidFromBytes, gtidToBytes } from './gtid-bytes.ts';
import { type Measured, measure } from './measure.ts';
import { isLocal, splitNamespace } from './namespaces.ts';
import { OpenCursors } from './open-cursors.ts';
import type { OperationContext } from './operation-context.ts';
import {
  type AppendedEntry,
  type ClusterTime,
  entryClusterTime,
  entryFollows,
  entryGtid,
  entryHash,
} from './oplog-entry.ts';
import { decodeSessionRecord, type SessionRecord, sessionKey } from './session-record.ts';
import {
  defaultOplogBytesMax,
  oplogCollection,
  oplogNamespace,
  type VirtualCollection,
} from './virtual-collections.ts';
import { WakeUps } from './wake-ups.ts';
import { Writer, type WriterState } from './writer.ts';

/** Asked inside every write body, because the role may have changed since the write was queued. */
export interface WriteGate {
  /** Throws NotWritablePrimary unless a client may write to `namespace` now. */
  assertWritable(namespace: string): void;
  /** The term new entries belong to. */
  term(): number;
}

/** A state of the data to read from, with the catalog that belongs to it. */
export interface ReadView {
  readonly reader: Reader;
  readonly catalog: CatalogState;
  /** The newest durable state, which moves; otherwise a snapshot: what it shows stays. */
  readonly isLatest?: boolean;
  close(): void;
}

export type ReadLevel = 'local' | 'available' | 'majority' | 'linearizable' | 'snapshot';

export interface DatabaseOptions {
  readonly engine: Engine;
  /** False: a standalone server, which writes no oplog. */
  readonly replicated: boolean;
  /** Milliseconds since the epoch; injected by the simulator. */
  readonly now?: () => number;
  readonly randomBytes?: (length: number) => Buffer;
  /** What the oplog is truncated to, in bytes: shown to clients as the size of local.oplog.rs. */
  readonly oplogBytesMax?: number | undefined;
}

export interface WriteOptions {
  /** Cheaper, for a body that reads by key only: see `Engine.write`. */
  readonly isBuffered?: boolean;
}

export interface Written<T> {
  readonly result: T;
  /** The newest entry the write made; undefined when it changed nothing that is replicated. */
  readonly lastGtid?: Gtid | undefined;
}

export interface UndoneSlice {
  readonly removed: readonly RemovedDocument[];
  /** The newest entry left. */
  readonly last: Gtid | undefined;
}

/** What one body did, carried from the body to the moment it is durable. */
interface Outcome<T = unknown> {
  readonly result: T;
  readonly catalog: CatalogState;
  readonly appended: readonly AppendedEntry[];
  readonly touched: ReadonlySet<string>;
}

/** Entries that are not the ones after the log's newest: a fault of where they come from. */
export class EntryDoesNotFit extends Error {
  override readonly name = 'EntryDoesNotFit';
}

export class Database {
  readonly engine: Engine;
  readonly replicated: boolean;
  readonly cursors: OpenCursors;
  readonly wakeUps = new WakeUps();
  readonly now: () => number;
  readonly randomBytes: (length: number) => Buffer;

  /** Entries are in the log, not yet durable: they may travel. Called in order, once per batch. */
  onAppended: ((entries: readonly AppendedEntry[]) => void) | undefined;
  /** Everything up to here is durable. Called in order. */
  onDurable: ((gtid: Gtid) => void) | undefined;
  /** Gives the state for a read concern above local; set by replication. */
  readViews: ((level: ReadLevel) => ReadView) | undefined;

  /** Collections that exist without being stored as such, by namespace. */
  readonly virtualCollections = new Map<string, VirtualCollection>();

  /** Ids of indexes this member builds now. */
  readonly buildsInProgress = new Set<number>();

  /** What a write entails is done once for all writes that share a flush. */
  readonly #batches: BatchObserver<Outcome> = {
    applied: (outcomes) => this.#applied(outcomes),
    durable: (outcomes) => this.#durable(outcomes),
  };
  readonly #state: WriterState;
  readonly #nextRecordIds = new Map<number, number>();
  #gate: WriteGate | undefined;
  #durableCatalog: CatalogState;
  #durableGtid: Gtid | undefined;
  #durableClusterTime: ClusterTime;

  private constructor(options: DatabaseOptions, state: WriterState) {
    this.engine = options.engine;
    this.replicated = options.replicated;
    this.now = options.now ?? Date.now;
    this.randomBytes = options.randomBytes ?? randomBytes;
    this.cursors = new OpenCursors(this.randomBytes, this.now);
    this.#state = state;
    this.#durableCatalog = state.catalog;
    this.#durableGtid = state.lastGtid;
    this.#durableClusterTime = state.lastClusterTime;
    if (options.replicated) {
      const oplog = oplogCollection(options.oplogBytesMax ?? defaultOplogBytesMax);
      this.virtualCollections.set(oplogNamespace, oplog);
    }
  }

  static async open(options: DatabaseOptions): Promise<Database> {
    await options.engine.flushed();
    return new Database(options, readState(options.engine.latest));
  }

  /** The store's contents were replaced (initial sync): forget everything remembered of the old. */
  reload(): void {
    Object.assign(this.#state, readState(this.engine.latest));
    this.#nextRecordIds.clear();
    this.cursors.killWhere(() => true);
    this.#durableCatalog = this.#state.catalog;
    this.#durableGtid = this.#state.lastGtid;
    this.#durableClusterTime = this.#state.lastClusterTime;
  }

  /** Until a gate is set, a replicated database takes writes to `local` only. */
  setWriteGate(gate: WriteGate): void {
    this.#gate = gate;
  }

  // -- what readers see ---------------------------------------------------------------------------

  /** The newest durable catalog. */
  get catalog(): CatalogState {
    return this.#durableCatalog;
  }

  /** The newest entry in the log, durable or not. */
  get lastAppended(): Gtid | undefined {
    return this.#state.lastGtid;
  }

  get lastHash(): bigint {
    return this.#state.lastHash;
  }

  get lastDurable(): Gtid | undefined {
    return this.#durableGtid;
  }

  /** Cluster time of the newest durable entry: `operationTime` of a reply that wrote nothing. */
  get durableClusterTime(): ClusterTime {
    return this.#durableClusterTime;
  }

  /** The newest cluster time an entry has or somebody was seen to know. */
  get lastClusterTime(): ClusterTime {
    return this.#state.lastClusterTime;
  }

  /** Another member or a client has seen this time: the next entry comes after it. */
  observeClusterTime(time: ClusterTime): void {
    const { lastClusterTime } = this.#state;
    if (
      time.t > lastClusterTime.t ||
      (time.t === lastClusterTime.t && time.i > lastClusterTime.i)
    ) {
      this.#state.lastClusterTime = time;
    }
  }

  readView(level: ReadLevel = 'local'): ReadView {
    if (level !== 'local' && level !== 'available' && this.readViews !== undefined) {
      return this.readViews(level);
    }
    return {
      reader: this.engine.latest,
      catalog: this.#durableCatalog,
      isLatest: true,
      close: nothingToClose,
    };
  }

  /** Collections listCollections shows, those the server keeps for itself included. */
  listedCollections(name: string): CollectionInfo[] {
    const listed = collectionsOf(this.#durableCatalog, name);
    if (name === 'local') {
      for (const info of this.virtualCollections.values()) listed.push(info.collection);
    }
    return listed.sort((a, b) => (a.namespace < b.namespace ? -1 : 1));
  }

  /** Counts and sizes of one collection, zeros when there is none. */
  measure(namespace: string): Measured {
    return measure(this, namespace);
  }

  databaseSizes(): { name: string; bytes: number; documents: number }[] {
    const sizes = new Map<string, { name: string; bytes: number; documents: number }>();
    const reader = this.engine.latest;
    for (const info of this.#durableCatalog.collections()) {
      const { database: name } = splitNamespace(info.namespace);
      const size = sizes.get(name) ?? { name, bytes: 0, documents: 0 };
      const stat = readStat(reader, info.id);
      size.bytes += stat.bytes;
      size.documents += stat.count;
      sizes.set(name, size);
    }
    if (this.replicated && !sizes.has('local')) {
      sizes.set('local', { name: 'local', bytes: 0, documents: 0 });
    }
    const local = sizes.get('local');
    if (local !== undefined && this.replicated) {
      const { count, bytes } = oplogSize(reader);
      local.bytes += bytes;
      local.documents += count;
    }
    return [...sizes.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The durable record of a session's retryable writes. */
  sessionRecord(lsid: Buffer, reader: Reader = this.engine.latest): SessionRecord | undefined {
    const bytes = getSession(reader, sessionKey(lsid));
    return bytes === undefined ? undefined : decodeSessionRecord(bytes);
  }

  newUuid(): Buffer {
    const uuid = this.randomBytes(16);
    uuid[6] = ((uuid[6] as number) & 0x0f) | 0x40;
    uuid[8] = ((uuid[8] as number) & 0x3f) | 0x80;
    return uuid;
  }

  // -- writing as primary -------------------------------------------------------------------------

  /**
   * Runs `body` in one storage transaction and logs what it changed as one entry (or as many as it
   * seals). Resolves when durable. The gate is asked inside, for `namespace`.
   */
  write<T>(
    operation: OperationContext,
    namespace: string,
    body: (writer: Writer) => T,
    options: WriteOptions = {},
  ): Promise<Written<T>> {
    return this.#write(
      operation,
      namespace,
      (writer) => {
        this.#assertSpace();
        return body(writer);
      },
      options,
    );
  }

  /** A `write` that is admitted when space has run out: removing is the way to get some back. */
  remove<T>(
    operation: OperationContext,
    namespace: string,
    body: (writer: Writer) => T,
    options: WriteOptions = {},
  ): Promise<Written<T>> {
    return this.#write(operation, namespace, body, options);
  }

  async #write<T>(
    operation: OperationContext,
    namespace: string,
    body: (writer: Writer) => T,
    { isBuffered = false }: WriteOptions,
  ): Promise<Written<T>> {
    const outcome = await this.#change((transaction) => {
      operation.interrupt.check();
      const term = this.#admit(namespace);
      const writer = new Writer(transaction, this.#state, {
        term,
        now: this.now(),
        nextRecordIds: this.#nextRecordIds,
      });
      const result = body(writer);
      writer.seal();
      return { result, appended: writer.appended, touched: writer.touched };
    }, isBuffered);
    const lastGtid = outcome.appended.at(-1)?.gtid;
    if (lastGtid !== undefined) operation.lastGtid = lastGtid;
    return { result: outcome.result, lastGtid };
  }

  /** Asked in every body, so that a statement that runs for long stops too. */
  #assertSpace(): void {
    try {
      this.engine.assertSpace();
    } catch (error) {
      if (!(error instanceof OutOfSpace)) throw error;
      throw new MongoServerError('OutOfDiskSpace', error.message, { cause: error });
    }
  }

  /** The term to log in; undefined when this write is not logged. */
  #admit(namespace: string): number | undefined {
    if (isLocal(namespace) || !this.replicated) return undefined;
    if (this.#gate === undefined) {
      throw new MongoServerError('NotWritablePrimary', 'not primary');
    }
    this.#gate.assertWritable(namespace);
    return this.#gate.term();
  }

  /**
   * The first entry of a term, or a message for the log. Not asked of the gate: the role allows
   * client writes only after this entry is in the log. `isWanted` is asked in the body; if
   * not, nothing is written.
   */
  async writeNoop(
    term: number,
    message: Buffer,
    isWanted: () => boolean = () => true,
  ): Promise<Gtid | undefined> {
    const outcome = await this.#change((transaction) => {
      if (!isWanted()) return { result: undefined, appended: [], touched: new Set<string>() };
      const newest = this.#state.lastGtid?.term ?? 0;
      if (newest > term) throw new Error(`the log has entries of term ${newest} > ${term}`);
      const writer = new Writer(transaction, this.#state, {
        term,
        now: this.now(),
        nextRecordIds: this.#nextRecordIds,
      });
      writer.note({ op: 'n', ns: '', o: message });
      writer.seal();
      return { result: undefined, appended: writer.appended, touched: writer.touched };
    });
    return outcome.appended[0]?.gtid;
  }

  // -- following a primary ------------------------------------------------------------------------

  /**
   * Stores entries that follow the log's newest one and applies them, in one transaction. Throws
   * EntryDoesNotFit when the first does not follow or a hash does not fit; any other error means
   * that this member's data is not what its log says.
   */
  async appendReplicated(entries: readonly Buffer[]): Promise<Gtid> {
    const outcome = await this.#change((transaction) => {
      // Another member hands out record ids now: what this one would give next is out of date.
      this.#nextRecordIds.clear();
      const touched = new Set<string>();
      const appended: AppendedEntry[] = [];
      for (const bytes of entries) {
        appended.push({ gtid: this.#appendOne(transaction, bytes, touched), bytes });
      }
      return { result: undefined, appended, touched };
    });
    const last = outcome.appended.at(-1);
    if (last === undefined) throw new Error('there are no entries to append');
    return last.gtid;
  }

  #appendOne(transaction: WriteTransaction, bytes: Buffer, touched: Set<string>): Gtid {
    const gtid = entryGtid(bytes);
    const { lastGtid, lastHash } = this.#state;
    if (lastGtid !== undefined && !isAfter(gtid, lastGtid)) {
      throw new EntryDoesNotFit(`entry ${textOf(gtid)} does not come after the newest one`);
    }
    if (!entryFollows(bytes, lastHash)) {
      throw new EntryDoesNotFit(`entry ${textOf(gtid)} does not continue this log`);
    }
    appendEntry(transaction, gtidToBytes(gtid), bytes);
    applyEntry(transaction, this.#state, bytes, touched);
    this.#state.lastGtid = gtid;
    this.#state.lastHash = entryHash(bytes);
    this.observeClusterTime(entryClusterTime(bytes));
    return gtid;
  }

  /**
   * Undoes the newest entries that come after `target`, at most `maxEntries` of them and for about
   * `budgetMs`, in one transaction that also takes them out of the log. `save` gets what the undo removes before any
   * of it is committed.
   */
  async undoSlice(
    target: Gtid,
    maxEntries: number,
    save?: (removed: readonly RemovedDocument[]) => void,
    budgetMs = Number.POSITIVE_INFINITY,
  ): Promise<UndoneSlice> {
    const outcome = await this.#change((transaction) => {
      const until = performance.now() + budgetMs;
      const removed: RemovedDocument[] = [];
      for (let count = 0; count < maxEntries; count += 1) {
        const last = this.#state.lastGtid;
        if (last === undefined || !isAfter(last, target)) break;
        for (const each of this.#undoLast(transaction)) removed.push(each);
        if (performance.now() >= until) break;
      }
      save?.(removed);
      return { result: removed, appended: [], touched: new Set<string>() };
    });
    this.#durableGtid = this.#state.lastGtid;
    this.#durableClusterTime = this.#state.lastClusterTime;
    return { removed: outcome.result, last: this.#state.lastGtid };
  }

  /** Undoes the newest entry and takes it out of the log. Only inside a change. */
  #undoLast(transaction: WriteTransaction): RemovedDocument[] {
    const last = lastEntry(transaction);
    if (last === undefined) throw new Error('the log is empty');
    const removed = undoEntry(transaction, this.#state, last.entry);
    deleteEntry(transaction, last.gtid);
    Object.assign(this.#state, endOfLog(transaction));
    this.#nextRecordIds.clear();
    return removed;
  }

  /** Deletes a slice of dropped data whose drop `mayReap`; false when there was nothing to do. */
  async reap(mayReap: (gtid: Gtid) => boolean): Promise<boolean> {
    const deleted = await reapDroppedData(this.engine, (bytes) => mayReap(gtidFromBytes(bytes)));
    return deleted !== undefined;
  }

  // -- one change ---------------------------------------------------------------------------------

  #change<T>(
    body: (transaction: WriteTransaction) => Omit<Outcome<T>, 'catalog'>,
    isBuffered = false,
  ): Promise<Outcome<T>> {
    const change = (transaction: WriteTransaction): Outcome<T> => {
      const saved = { ...this.#state };
      try {
        const done = body(transaction);
        return { ...done, catalog: this.#state.catalog };
      } catch (error) {
        Object.assign(this.#state, saved);
        this.#nextRecordIds.clear();
        throw error;
      }
    };
    return this.engine.write(change, this.#batches as BatchObserver<Outcome<T>>, isBuffered);
  }

  #applied(outcomes: readonly Outcome[]): void {
    const appended = outcomes.flatMap((outcome) => outcome.appended);
    if (appended.length > 0) this.onAppended?.(appended);
  }

  #durable(outcomes: readonly Outcome[]): void {
    const touched = new Set<string>();
    let last: AppendedEntry | undefined;
    const newest = outcomes.at(-1);
    if (newest !== undefined) this.#showCatalog(newest.catalog);
    for (const outcome of outcomes) {
      last = outcome.appended.at(-1) ?? last;
      for (const namespace of outcome.touched) touched.add(namespace);
    }
    if (last !== undefined) {
      this.#durableGtid = last.gtid;
      this.#durableClusterTime = entryClusterTime(last.bytes);
      this.onDurable?.(last.gtid);
      this.wakeUps.wake(oplogNamespace);
    }
    for (const namespace of touched) this.wakeUps.wake(namespace);
  }

  /**
   * Readers see `next` from now on. Cursors over collections that are gone or are others now end here,
   * however that came: by a client's command, an entry applied, or one undone.
   */
  #showCatalog(next: CatalogState): void {
    const before = this.#durableCatalog;
    this.#durableCatalog = next;
    if (before === next || this.cursors.size === 0) return;
    this.cursors.killWhere(({ namespace }) => {
      const known = before.byNamespace(namespace);
      return known !== undefined && known.id !== next.byNamespace(namespace)?.id;
    });
  }
}

function nothingToClose(): void {}

function textOf({ term, opid }: Gtid): string {
  return `(${term}, ${opid})`;
}

function isAfter(a: Gtid, b: Gtid): boolean {
  return compareGtids(a, b) > 0;
}

function readState(reader: Reader): WriterState {
  return { catalog: loadCatalog(reader), ...endOfLog(reader) };
}

/** What the newest entry says; of an empty log, the beginning. */
function endOfLog(reader: Reader): Omit<WriterState, 'catalog'> {
  const last = lastEntry(reader);
  if (last === undefined) {
    return { lastGtid: undefined, lastHash: 0n, lastClusterTime: { t: 0, i: 0 } };
  }
  return {
    lastGtid: entryGtid(last.entry),
    lastHash: entryHash(last.entry),
    lastClusterTime: entryClusterTime(last.entry),
  };
}
