/**
 * Results that outlive their command: what `getMore` continues. A cursor belongs to a namespace, is
 * used by one command at a time, and is forgotten when idle for ten minutes or killed.
 */
import type { CatalogState } from '../../../storage/index.ts';
import type { RawValue } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { BatchSource } from './list-source.ts';

const idleCursorTimeoutMs = 10 * 60 * 1000;
/** Cursors one member keeps open; the next is refused. */
const openCursorsMax = 20_000;

export interface CursorOptions {
  /** Stays open at the end of the data. */
  readonly tailable?: boolean | undefined;
  /** At the end of the data getMore waits for more. */
  readonly awaitData?: boolean | undefined;
  readonly noTimeout?: boolean | undefined;
  /** The tenure of the primary that began this linearizable read: each batch is right if that has not ended. */
  readonly linearizableIn?: number | undefined;
  /** Of the command that opened it: its getMores have the same. A copy. */
  readonly comment?: RawValue | undefined;
  /** The session that opened it, as hex of its id. */
  readonly session?: string | undefined;
}

export interface OpenCursor {
  readonly id: bigint;
  readonly namespace: string;
  readonly source: BatchSource;
  readonly options: CursorOptions;
  readonly createdAt: number;
  lastUsedAt: number;
  inUse: boolean;
  killed: boolean;
  /** What the next getMore is told; its results are given up already. */
  endedBy: MongoServerError | undefined;
}

export class OpenCursors {
  readonly #cursors = new Map<bigint, OpenCursor>();
  readonly #randomBytes: (length: number) => Buffer;
  readonly #now: () => number;

  constructor(randomBytes: (length: number) => Buffer, now: () => number) {
    this.#randomBytes = randomBytes;
    this.#now = now;
  }

  get size(): number {
    return this.#cursors.size;
  }

  all(): IterableIterator<OpenCursor> {
    return this.#cursors.values();
  }

  open(namespace: string, source: BatchSource, options: CursorOptions = {}): OpenCursor {
    if (this.#cursors.size >= openCursorsMax) {
      throw new MongoServerError('OperationFailed', 'too many open cursors');
    }
    const now = this.#now();
    const cursor: OpenCursor = {
      id: this.#freshId(),
      namespace,
      source,
      options,
      createdAt: now,
      lastUsedAt: now,
      inUse: false,
      killed: false,
      endedBy: undefined,
    };
    this.#cursors.set(cursor.id, cursor);
    return cursor;
  }

  /** Beyond 2^53: drivers that make numbers of smaller longs would not send it back as a long. */
  #freshId(): bigint {
    for (;;) {
      const random = this.#randomBytes(8).readBigInt64LE(0);
      const id = (random & 0x7fff_ffff_ffff_ffffn) | 0x4000_0000_0000_0000n;
      if (!this.#cursors.has(id)) return id;
    }
  }

  /** Takes a cursor for one command; give it back with `release` or end it with `close`. */
  acquire(id: bigint, namespace: string): OpenCursor {
    const cursor = this.#cursors.get(id);
    if (cursor === undefined) {
      throw new MongoServerError('CursorNotFound', `cursor id ${id} not found`);
    }
    if (cursor.namespace !== namespace) {
      throw new MongoServerError(
        'Unauthorized',
        `Requested getMore on namespace '${namespace}', but cursor belongs to a different namespace ${cursor.namespace}`,
      );
    }
    if (cursor.inUse) {
      throw new MongoServerError('CursorInUse', `cursor id ${id} is already in use`);
    }
    if (cursor.endedBy !== undefined) {
      this.#cursors.delete(id);
      throw cursor.endedBy;
    }
    cursor.inUse = true;
    return cursor;
  }

  release(cursor: OpenCursor): void {
    cursor.inUse = false;
    cursor.lastUsedAt = this.#now();
    if (cursor.killed) this.close(cursor);
    else if (cursor.endedBy !== undefined) cursor.source.close();
  }

  close(cursor: OpenCursor): void {
    const isOpen = this.#cursors.delete(cursor.id);
    if (isOpen && (cursor.inUse || cursor.endedBy === undefined)) cursor.source.close();
  }

  /** False when there is no such cursor. A cursor in use ends when given back. */
  kill(id: bigint): boolean {
    const cursor = this.#cursors.get(id);
    if (cursor === undefined) return false;
    this.#end(cursor);
    return true;
  }

  killWhere(matches: (cursor: OpenCursor) => boolean): number {
    const doomed = [...this.#cursors.values()].filter(matches);
    for (const cursor of doomed) this.#end(cursor);
    return doomed.length;
  }

  /**
   * Gives up the results of cursors over collections that are gone or are others now, however that
   * came: by a client's command, an entry applied, or one undone. Who asks for more is told why.
   */
  endOverChanged(before: CatalogState, now: CatalogState): void {
    for (const cursor of this.#cursors.values()) {
      const { namespace } = cursor;
      const known = before.byNamespace(namespace);
      if (cursor.endedBy !== undefined || known === undefined) continue;
      if (known.id === now.byNamespace(namespace)?.id) continue;
      const renamed = now.byId(known.id);
      cursor.endedBy = new MongoServerError(
        'QueryPlanKilled',
        renamed === undefined
          ? `collection dropped: ${namespace}`
          : `collection renamed from '${namespace}' to '${renamed.namespace}'`,
      );
      if (!cursor.inUse) cursor.source.close();
    }
  }

  #end(cursor: OpenCursor): void {
    cursor.killed = true;
    if (!cursor.inUse) this.close(cursor);
  }

  /** Called now and then by the assembly. */
  closeIdle(): number {
    const limit = this.#now() - idleCursorTimeoutMs;
    return this.killWhere(
      ({ inUse, options, lastUsedAt }) => !inUse && !options.noTimeout && lastUsedAt < limit,
    );
  }
}
