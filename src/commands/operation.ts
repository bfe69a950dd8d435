/**
 * One running command: its number, its deadline, whether it was killed, what it has written.
 * `check` is called by everything that loops; `signal` by everything that sleeps.
 */
import type { RawValue } from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import type { OplogPosition } from './replica-set-view.ts';

/** Session fields of a command. `id` is the lsid's 16 bytes as hex, for maps and comparisons. */
export interface OperationSession {
  readonly id: string;
  /** The lsid document as it came. */
  readonly lsid: Buffer;
  readonly txnNumber: bigint | undefined;
}

export class Operation {
  readonly opId: number;
  readonly connectionId: number;
  readonly command: string;
  namespace: string;
  readonly startedAt: number;
  /** performance.now() at which the operation is out of time; Infinity without maxTimeMS. */
  deadline = Number.POSITIVE_INFINITY;
  /** As it came: any type. */
  comment: RawValue | undefined = undefined;
  session: OperationSession | undefined = undefined;
  /** Position of the newest oplog entry this operation wrote; write concern waits for it. */
  lastGtid: OplogPosition | undefined = undefined;
  /** The command as it came, for as long as it runs. */
  request:
    | { readonly buffer: Buffer; readonly start: number; readonly byteLength: number }
    | undefined = undefined;
  /** Facts for the slow-command line, e.g. planSummary, keysExamined, docsExamined, nreturned. */
  details: Record<string, unknown> | undefined = undefined;
  /** Statements of a write command: each counts in opcounters. */
  statements = 1;
  /** Milliseconds it waited for news because it was asked to (hello, getMore): no slowness. */
  awaitedMs = 0;
  #killed: MongoServerError | undefined;
  #abort: AbortController | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(opId: number, connectionId: number, command: string, namespace: string, now: number) {
    this.opId = opId;
    this.connectionId = connectionId;
    this.command = command;
    this.namespace = namespace;
    this.startedAt = now;
  }

  /** For currentOp and the slow-command log: the body of the command. */
  get body(): Buffer | undefined {
    if (this.request === undefined) return undefined;
    const { buffer, start, byteLength } = this.request;
    return buffer.subarray(start, start + byteLength);
  }

  /** For code that only wants to check: `operation.interrupt.check()`. */
  get interrupt(): this {
    return this;
  }

  /** Throws when the operation was killed or its time is over. */
  check(): void {
    if (this.#killed !== undefined) throw this.#killed;
    if (this.deadline !== Number.POSITIVE_INFINITY && performance.now() >= this.deadline) {
      throw outOfTime();
    }
  }

  get isKilled(): boolean {
    return this.#killed !== undefined;
  }

  /** Milliseconds left; Infinity without maxTimeMS. */
  timeLeft(): number {
    return this.deadline - performance.now();
  }

  /** Ends the operation at its next check; the first reason stays. */
  kill(
    reason: MongoServerError = new MongoServerError('Interrupted', 'operation was interrupted'),
  ): void {
    if (this.#killed !== undefined) return;
    this.#killed = reason;
    this.#abort?.abort(reason);
  }

  /** Aborted, with the error as reason, when the operation is killed or runs out of time. */
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#killed !== undefined) this.#abort.abort(this.#killed);
      else if (this.deadline !== Number.POSITIVE_INFINITY) {
        this.#timer = setTimeout(
          () => this.kill(outOfTime()),
          Math.max(0, Math.min(this.timeLeft(), 2 ** 31 - 1)),
        );
        this.#timer.unref();
      }
    }
    return this.#abort.signal;
  }

  /** Rejects with the signal's reason when it aborts. */
  interrupted(): Promise<never> {
    const { signal } = this;
    return new Promise((_, reject) => {
      if (signal.aborted) reject(signal.reason);
      else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  }

  finish(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
  }
}

function outOfTime(): MongoServerError {
  return new MongoServerError('MaxTimeMSExpired', 'operation exceeded time limit');
}

/** Every running operation, for currentOp, killOp, killSessions and a stepdown. */
export class OperationRegistry {
  readonly #running = new Map<number, Operation>();
  #nextId = 1;

  start(connectionId: number, command: string, namespace: string): Operation {
    const operation = new Operation(
      this.#nextId++,
      connectionId,
      command,
      namespace,
      performance.now(),
    );
    this.#running.set(operation.opId, operation);
    return operation;
  }

  finish(operation: Operation): void {
    this.#running.delete(operation.opId);
    operation.finish();
  }

  get(opId: number): Operation | undefined {
    return this.#running.get(opId);
  }

  all(): IterableIterator<Operation> {
    return this.#running.values();
  }
}
