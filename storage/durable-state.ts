/**
 * A member's small durable facts (vote, config, incarnation, rollback id): a file of their own, so that a
 * vote waits for its own flush only, and still works when the data's disk quota is used up.
 *
 * A write makes a temporary file, fsyncs it, renames it over the old one and fsyncs the directory: after a
 * crash the file is the old or the new one, whole. Concurrent writes are applied in call order and
 * share a flush where they can. `read` answers durable facts only.
 */

import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue | undefined };

/** Facts by name; each value is plain JSON of its owner's making. */
export interface DurableFacts {
  /** What ark must not forget: terms and votes. */
  readonly vote?: JsonValue | undefined;
  /** The replica set configuration. */
  readonly config?: JsonValue | undefined;
  /** Random id of this copy of the data, hex. */
  readonly incarnation?: string | undefined;
  readonly rollbackId?: number | undefined;
  readonly [name: string]: JsonValue | undefined;
}

export interface DurableState {
  /** As of the last flush; an immutable object. */
  read(): DurableFacts;
  /**
   * Replaces the named facts (undefined removes one); the others stay. Resolves when durable. After a
   * failure every write rejects: the owner must stop.
   */
  write(patch: DurableFacts): Promise<void>;
  /** Waits for the writes on their way. */
  close(): Promise<void>;
}

/** The file exists and is not what we wrote. It is never repaired silently: a lost vote is a second vote. */
export class DurableStateDamaged extends Error {
  override readonly name = 'DurableStateDamaged';
}

const format = 1;

function encode(facts: DurableFacts): string {
  const body = JSON.stringify(facts);
  return `${JSON.stringify({ format, crc32: crc32(body) })}\n${body}\n`;
}

function decode(path: string, text: string): DurableFacts {
  const [head, body, rest] = text.split('\n');
  let header: { format?: unknown; crc32?: unknown };
  try {
    header = JSON.parse(head ?? '') as typeof header;
  } catch (cause) {
    throw new DurableStateDamaged(`${path} is damaged: no header`, { cause });
  }
  if (header.format !== format) {
    throw new DurableStateDamaged(
      `${path} has format ${header.format}, this program reads ${format}`,
    );
  }
  if (body === undefined || rest !== '' || crc32(body) !== header.crc32) {
    throw new DurableStateDamaged(`${path} is damaged: wrong checksum`);
  }
  return Object.freeze(JSON.parse(body) as DurableFacts);
}

async function readFacts(path: string): Promise<DurableFacts> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Object.freeze({});
    throw error;
  }
  return decode(path, text);
}

async function fsyncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.new`;
  const handle = await open(temporary, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, path);
  await fsyncDirectory(dirname(path));
}

interface PendingWrite {
  readonly patch: DurableFacts;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Orders and groups the writes; `flush` makes one state durable. */
class QueuedState implements DurableState {
  readonly #flush: (facts: DurableFacts) => Promise<void>;
  #facts: DurableFacts;
  #pending: PendingWrite[] = [];
  #running: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(facts: DurableFacts, flush: (facts: DurableFacts) => Promise<void>) {
    this.#facts = facts;
    this.#flush = flush;
  }

  read(): DurableFacts {
    return this.#facts;
  }

  write(patch: DurableFacts): Promise<void> {
    return new Promise((resolve, reject) => {
      // A copy: what is written is what was given, whatever becomes of the object.
      this.#pending.push({ patch: structuredClone(patch), resolve, reject });
      this.#running ??= this.#run();
    });
  }

  async close(): Promise<void> {
    await this.#running;
  }

  /** The machine dies: writes on their way reject, and all later ones. */
  abandon(error: unknown): void {
    this.#failure = { error };
    for (const write of this.#pending.splice(0)) write.reject(error);
  }

  #assertUsable(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async #run(): Promise<void> {
    while (this.#pending.length > 0) {
      const batch = this.#pending.splice(0);
      try {
        this.#assertUsable();
        const facts = Object.freeze(Object.assign({}, this.#facts, ...batch.map((w) => w.patch)));
        await this.#flush(facts);
        this.#assertUsable();
        this.#facts = facts;
        for (const write of batch) write.resolve();
      } catch (error) {
        this.#failure ??= { error };
        for (const write of batch) write.reject(error);
      }
    }
    this.#running = undefined;
  }
}

/** Opens the file at `path`, whose directory exists. Throws `DurableStateDamaged`. */
export async function openDurableState(path: string): Promise<DurableState> {
  return new QueuedState(await readFacts(path), (facts) => replaceFile(path, encode(facts)));
}

export interface MemoryDurableState extends DurableState {
  /** Writes on their way reject; with `loseUnsynced` their facts are gone, without they are there. */
  crash(options: { readonly loseUnsynced: boolean }): void;
}

/** For simulations: durable when `flush` resolves (default: in the next microtask). */
export function openMemoryDurableState(
  options: { readonly flush?: () => Promise<void> } = {},
): MemoryDurableState {
  let onItsWay: DurableFacts | undefined;
  const start = (facts: DurableFacts): QueuedState =>
    new QueuedState(facts, async (next) => {
      onItsWay = next;
      await options.flush?.();
      onItsWay = undefined;
    });
  let state = start(Object.freeze({}));
  return {
    read: () => state.read(),
    write: (patch) => state.write(patch),
    close: () => state.close(),
    crash({ loseUnsynced }) {
      const survived = loseUnsynced ? state.read() : (onItsWay ?? state.read());
      state.abandon(new Error('the machine crashed'));
      onItsWay = undefined;
      state = start(survived);
    },
  };
}
