/**
 * What a process sees of the machine's disk. When the process ends, its promises never settle and
 * nothing it still does reaches the disk: no line of it may run on.
 */
import type {
  BatchObserver,
  DurableFacts,
  DurableState,
  Engine,
  EngineStats,
  Reader,
  Snapshot,
  WriteTransaction,
} from '../../../storage/index.ts';
import type { Process } from './process.ts';

const never = new Promise<never>(() => {});

/** Settles like `promise` while the process lives. */
function whileAlive<T>(process: Process, begin: () => Promise<T>): Promise<T> {
  if (process.hasEnded) return never;
  return new Promise((resolve, reject) => {
    begin().then(
      (value) => {
        if (!process.hasEnded) resolve(value);
      },
      (error: unknown) => {
        if (!process.hasEnded) reject(error);
      },
    );
  });
}

export class ProcessEngine implements Engine {
  readonly #engine: Engine;
  readonly #process: Process;

  constructor(engine: Engine, process: Process) {
    this.#engine = engine;
    this.#process = process;
  }

  get latest(): Reader {
    return this.#engine.latest;
  }

  get onFailure(): ((error: unknown) => void) | undefined {
    return this.#engine.onFailure;
  }

  set onFailure(listener: ((error: unknown) => void) | undefined) {
    this.#engine.onFailure = listener;
  }

  snapshot(): Snapshot {
    const snapshot = this.#engine.snapshot();
    if (this.#process.hasEnded) snapshot.close();
    return snapshot;
  }

  closeSnapshotsOlderThan(milliseconds: number): number {
    return this.#engine.closeSnapshotsOlderThan(milliseconds);
  }

  write<T>(
    body: (transaction: WriteTransaction) => T,
    observer?: BatchObserver<T>,
    isBuffered?: boolean,
  ): Promise<T> {
    return whileAlive(this.#process, () => this.#engine.write(body, observer, isBuffered));
  }

  flushed(): Promise<void> {
    return whileAlive(this.#process, () => this.#engine.flushed());
  }

  assertSpace(): void {
    this.#engine.assertSpace();
  }

  backup(directory: string): Promise<void> {
    return this.#engine.backup(directory);
  }

  stats(): EngineStats {
    return this.#engine.stats();
  }

  close(): Promise<void> {
    return this.#engine.close();
  }
}

export class ProcessDurableState implements DurableState {
  readonly #state: DurableState;
  readonly #process: Process;

  constructor(state: DurableState, process: Process) {
    this.#state = state;
    this.#process = process;
  }

  read(): DurableFacts {
    return this.#state.read();
  }

  write(patch: DurableFacts): Promise<void> {
    return whileAlive(this.#process, () => this.#state.write(patch));
  }

  close(): Promise<void> {
    return this.#state.close();
  }
}
