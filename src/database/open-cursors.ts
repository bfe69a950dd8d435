/**
 * Results that outlive their command: what `getMore` continues. A cursor belongs to a namespace, is
 * used by one command at a time, and is forgotten when idle for ten minutes or killed.
 */
import type { CatalogState } from '../../storage/index.ts';
import { MongoServerError } from '../errors/index.ts';
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
    };
    this.#cursors.set(cursor.id, cursor);
    return cursor;
  }

  #freshId(): bigint {
    for (;;) {
      const id = this.#randomBytes(8).readBigInt64LE(0) & 0x7fff_ffff_ffff_ffffn;
      if (id !== 0n && !this.#cursors.has(id)) return id;
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
    cursor.inUse = true;
    return cursor;
  }

  release(cursor: OpenCursor): void {
    cursor.inUse = false;
    cursor.lastUsedAt = this.#now();
    if (cursor.killed) this.close(cursor);
  }

  close(cursor: OpenCursor): void {
    if (this.#cursors.delete(cursor.id)) cursor.source.close();
  }

  /** False when there is no such cursor in the namespace. A cursor in use ends when given back. */
  kill(id: bigint, namespace: string): boolean {
    const cursor = this.#cursors.get(id);
    if (cursor === undefined || cursor.namespace !== namespace) return false;
    this.#end(cursor);
    return true;
  }

  killWhere(matches: (cursor: OpenCursor) => boolean): number {
    const doomed = [...this.#cursors.values()].filter(matches);
    for (const cursor of doomed) this.#end(cursor);
    return doomed.length;
  }

  /**
   * Ends cursors over collections that are gone or are others now, however that came: by a client's
   * command, an entry applied, or one undone.
   */
  killOverChanged(before: CatalogState, now: CatalogState): void {
    if (this.#cursors.size === 0) return;
    this.killWhere(({ namespace }) => {
      const known = before.byNamespace(namespace);
      return known !== undefined && known.id !== now.byNamespace(namespace)?.id;
    });
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
