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
  type CatalogState,
  type CollectionInfo,
  type Engine,
  OutOfSpace,
  reapDroppedData,
  SpillFile,
} from '../../storage/index.ts';
import type { Gtid } from '../ark/gtid.ts';
import { MongoServerError } from '../errors/index.ts';
import type { Scripts } from '../expressions/index.ts';
import { PlanCache } from '../plan/index.ts';
import { isCapped } from './collections/collection-options.ts';
import { collectionsOf } from './collections/collections.ts';
import { type Measured, measure } from './collections/measure.ts';
import { isLocal, splitNamespace } from './collections/namespaces.ts';
import {
  defaultOplogBytesMax,
  oplogCollection,
  oplogNamespace,
  type VirtualCollection,
} from './collections/virtual-collections.ts';
import type { BuildVoters } from './indexes/commit-quorum.ts';
import { IndexFilters } from './indexes/index-filters.ts';
import type { Interrupt, OperationContext } from './operation-context.ts';
import type { RemovedDocument } from './oplog/apply.ts';
import { Changes } from './oplog/changes.ts';
import { appendReplicated, type UndoneSlice, undoSlice } from './oplog/follow.ts';
import { gtidFromBytes } from './oplog/gtid-bytes.ts';
import { type AppendedEntry, type ClusterTime, laterClusterTime } from './oplog/oplog-entry.ts';
import { OpenCursors } from './reads/open-cursors.ts';
import type { ReadLevel, ReadView } from './reads/read-view.ts';
import { WakeUps } from './wake-ups.ts';
import { sharesKeys } from './writes/record-writer.ts';
import { Writer } from './writes/writer.ts';

/** Asked inside every write body, because the role may have changed since the write was queued. */
export interface WriteGate {
  /** Throws NotWritablePrimary unless a client may write to `namespace` now. */
  assertWritable(namespace: string): void;
  /** The term new entries belong to. */
  term(): number;
}

export interface DatabaseOptions {
  readonly engine: Engine;
  /** False: a standalone server, which writes no oplog. */
  readonly replicated: boolean;
  /** Milliseconds since the epoch; injected by the simulator. */
  readonly now?: () => number;
  /** Milliseconds that never go back: how long a slice of work runs. */
  readonly monotonicMs?: () => number;
  readonly randomBytes?: (length: number) => Buffer;
  /** What the oplog is truncated to, in bytes: shown to clients as the size of local.oplog.rs. */
  readonly oplogBytesMax?: number | undefined;
  /** Where sorts put what memory cannot hold; default the system's folder for such files. */
  readonly spillFolder?: string | undefined;
}

export interface WriteOptions {
  /**
   * Whether a body that meets the collection like this reads by key only, which is cheaper: see
   * `Engine.write`. Default: it may read with cursors.
   */
  readonly isBuffered?: (collection: CollectionInfo) => boolean;
}

export interface Written<T> {
  readonly result: T;
  /** The newest entry the write made; undefined when it changed nothing that is replicated. */
  readonly lastGtid?: Gtid | undefined;
}

export class Database {
  readonly engine: Engine;
  readonly replicated: boolean;
  readonly cursors: OpenCursors;
  readonly wakeUps = new WakeUps();
  readonly now: () => number;
  readonly monotonicMs: () => number;
  readonly randomBytes: (length: number) => Buffer;

  /** Entries are in the log, not yet durable: they may travel. Called in order, once per batch. */
  onAppended: ((entries: readonly AppendedEntry[]) => void) | undefined;
  /** Everything up to here is durable. Called in order. */
  onDurable: ((gtid: Gtid) => void) | undefined;
  /** A document that its collection's validator only warns of is written all the same. */
  onInvalidDocument:
    | ((namespace: string, document: Buffer, errInfo: Record<string, unknown>) => void)
    | undefined;
  /** Gives the state for a read concern above local; set by replication. */
  readViews: ((level: ReadLevel) => ReadView) | undefined;

  /** Makes a realm for the JavaScript of one operation; undefined: none is run here. */
  newScripts: ((interrupt: Interrupt | undefined) => Scripts) | undefined;

  /** Collections that exist without being stored as such, by namespace. */
  readonly virtualCollections = new Map<string, VirtualCollection>();

  readonly indexFilters = new IndexFilters();
  readonly planCache = new PlanCache();

  /** Who must have built an index; undefined without a replica set. */
  buildVoters: BuildVoters | undefined;
  /** Wakes, under the name '', whoever waits for collections or indexes to change. */
  readonly definitionChanges = new WakeUps();
  /** By index id: builds this member drives now. */
  readonly buildsInProgress = new Map<number, Promise<void>>();
  /** Collections that a `$out` fills now. */
  readonly outputsInProgress = new Set<string>();

  readonly #changes: Changes;
  readonly #spillFolder: string | undefined;
  #gate: WriteGate | undefined;

  private constructor(options: DatabaseOptions) {
    this.engine = options.engine;
    this.replicated = options.replicated;
    this.#spillFolder = options.spillFolder;
    this.now = options.now ?? Date.now;
    this.monotonicMs = options.monotonicMs ?? (() => performance.now());
    this.randomBytes = options.randomBytes ?? randomBytes;
    this.cursors = new OpenCursors(this.randomBytes, this.now);
    this.#changes = new Changes(options.engine, {
      appended: (entries) => this.onAppended?.(entries),
      durable: (last, touched) => this.#durable(last, touched),
      catalogChanged: (before, now) => {
        this.cursors.endOverChanged(before, now);
        this.indexFilters.forgetDropped(now);
        this.definitionChanges.wakeAll();
      },
    });
    if (options.replicated) {
      const oplog = oplogCollection(options.oplogBytesMax ?? defaultOplogBytesMax);
      this.virtualCollections.set(oplogNamespace, oplog);
    }
  }

  static async open(options: DatabaseOptions): Promise<Database> {
    await options.engine.flushed();
    return new Database(options);
  }

  /** The store's contents were replaced (initial sync): forget everything remembered of the old. */
  reload(): void {
    this.#changes.reload();
    this.cursors.killWhere(() => true);
  }

  /** Until a gate is set, a replicated database takes writes to `local` only. */
  setWriteGate(gate: WriteGate): void {
    this.#gate = gate;
  }

  // -- what readers see ---------------------------------------------------------------------------

  /** The newest durable catalog. */
  get catalog(): CatalogState {
    return this.#changes.durable.catalog;
  }

  /** The newest entry in the log, durable or not. */
  get lastAppended(): Gtid | undefined {
    return this.#changes.newest.lastGtid;
  }

  get lastHash(): bigint {
    return this.#changes.newest.lastHash;
  }

  get lastDurable(): Gtid | undefined {
    return this.#changes.durable.lastGtid;
  }

  /** Cluster time of the newest durable entry: `operationTime` of a reply that wrote nothing. */
  get durableClusterTime(): ClusterTime {
    return this.#changes.durable.lastClusterTime;
  }

  /** The newest cluster time an entry has or somebody was seen to know. */
  get lastClusterTime(): ClusterTime {
    return this.#changes.newest.lastClusterTime;
  }

  /** Another member or a client has seen this time: the next entry comes after it. */
  observeClusterTime(time: ClusterTime): void {
    const { newest } = this.#changes;
    newest.lastClusterTime = laterClusterTime(newest.lastClusterTime, time);
  }

  readView(level: ReadLevel = 'local'): ReadView {
    if (level !== 'local' && level !== 'available' && this.readViews !== undefined) {
      return this.readViews(level);
    }
    return {
      reader: this.engine.latest,
      catalog: this.#changes.durable.catalog,
      isLatest: true,
      close: nothingToClose,
    };
  }

  /** Collections listCollections shows, those the server keeps for itself included. */
  listedCollections(name: string): CollectionInfo[] {
    const listed = collectionsOf(this.#changes.durable.catalog, name);
    for (const { collection } of this.virtualCollections.values()) {
      if (splitNamespace(collection.namespace).database === name) listed.push(collection);
    }
    return listed.sort((a, b) => (a.namespace < b.namespace ? -1 : 1));
  }

  /** Counts and sizes of one collection, zeros when there is none. */
  measure(namespace: string): Measured {
    return measure(this, namespace);
  }

  /** A file for what a sort cannot keep in memory. */
  openSpill(): SpillFile {
    return new SpillFile(this.#spillFolder);
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
    { isBuffered }: WriteOptions,
  ): Promise<Written<T>> {
    const outcome = await this.#changes.run(
      (transaction) => {
        operation.interrupt.check();
        const term = this.#admit(namespace);
        const writer = new Writer(transaction, this.#changes.newest, {
          term,
          now: this.now(),
          nextRecordIds: this.#changes.nextRecordIds,
          beforeStatements: operation.beforeStatements,
        });
        const result = body(writer);
        writer.seal();
        return { result, appended: writer.appended, touched: writer.touched };
      },
      isBuffered && (() => this.#takesNoCursors(namespace, isBuffered)),
    );
    const lastGtid = outcome.appended.at(-1)?.gtid;
    if (lastGtid !== undefined) operation.lastGtid = lastGtid;
    return { result: outcome.result, lastGtid };
  }

  /** A write itself may look for the oldest records, or whether a key has another holder. */
  #takesNoCursors(namespace: string, readsByKey: (collection: CollectionInfo) => boolean): boolean {
    const info = this.#changes.newest.catalog.byNamespace(namespace);
    if (info === undefined) return true;
    return !isCapped(info) && !info.indexes.some(sharesKeys) && readsByKey(info);
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
   * client writes only after this entry is in the log. Unless `isWanted` in the body, nothing is done.
   */
  async writeNoop(
    term: number,
    message: Buffer,
    isWanted: () => boolean = () => true,
  ): Promise<Gtid | undefined> {
    const outcome = await this.#changes.run((transaction) => {
      if (!isWanted()) return { result: undefined, appended: [], touched: new Set<string>() };
      const newest = this.#changes.newest.lastGtid?.term ?? 0;
      if (newest > term) throw new Error(`the log has entries of term ${newest} > ${term}`);
      const writer = new Writer(transaction, this.#changes.newest, {
        term,
        now: this.now(),
        nextRecordIds: this.#changes.nextRecordIds,
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
  appendReplicated(entries: readonly Buffer[]): Promise<Gtid> {
    return appendReplicated(this.#changes, entries);
  }

  /**
   * Undoes the newest entries that come after `target`, at most `maxEntries` of them and for about
   * `budgetMs`, in one transaction that also takes them out of the log. `save` gets what will be
   * removed and has it safe when it resolves. Nothing else may change the log meanwhile.
   */
  undoSlice(
    target: Gtid,
    maxEntries: number,
    save?: (removed: readonly RemovedDocument[]) => Promise<void> | void,
    budgetMs = Number.POSITIVE_INFINITY,
  ): Promise<UndoneSlice> {
    const request = { target, maxEntries, save, budgetMs };
    return undoSlice(this.#changes, this.monotonicMs, request);
  }

  /** Deletes a slice of dropped data whose drop `mayReap`; false when there was nothing to do. */
  async reap(mayReap: (gtid: Gtid) => boolean): Promise<boolean> {
    const deleted = await reapDroppedData(this.engine, (bytes) => mayReap(gtidFromBytes(bytes)));
    return deleted !== undefined;
  }

  #durable(last: AppendedEntry | undefined, touched: ReadonlySet<string>): void {
    if (last !== undefined) {
      this.onDurable?.(last.gtid);
      this.wakeUps.wake(oplogNamespace);
    }
    for (const namespace of touched) this.wakeUps.wake(namespace);
  }
}

function nothingToClose(): void {}
