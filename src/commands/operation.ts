/**
 * One running command: its number, its deadline, whether it was killed, what it has written.
 * `check` is called by everything that loops; `signal` by everything that sleeps.
 */
import type { RawValue } from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { type OperationClock, systemOperationClock } from './operation-clock.ts';
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
  /** On the clock of `startedAt`: when the operation is out of time; Infinity without maxTimeMS. */
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
  readonly #clock: OperationClock;
  #cancelTimer: (() => void) | undefined;

  constructor(
    opId: number,
    connectionId: number,
    command: string,
    namespace: string,
    clock: OperationClock,
  ) {
    this.opId = opId;
    this.connectionId = connectionId;
    this.command = command;
    this.namespace = namespace;
    this.#clock = clock;
    this.startedAt = clock.monotonicMs();
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
    if (this.deadline !== Number.POSITIVE_INFINITY && this.#clock.monotonicMs() >= this.deadline) {
      throw outOfTime();
    }
  }

  get isKilled(): boolean {
    return this.#killed !== undefined;
  }

  /** Milliseconds since it began. */
  elapsedMs(): number {
    return this.#clock.monotonicMs() - this.startedAt;
  }

  /** Milliseconds left; Infinity without maxTimeMS. */
  timeLeft(): number {
    return this.deadline - this.#clock.monotonicMs();
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
        this.#cancelTimer = this.#clock.after(
          Math.max(0, Math.min(this.timeLeft(), 2 ** 31 - 1)),
          () => this.kill(outOfTime()),
        );
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
    this.#cancelTimer?.();
  }
}

function outOfTime(): MongoServerError {
  return new MongoServerError('MaxTimeMSExpired', 'operation exceeded time limit');
}

/** Every running operation, for currentOp, killOp, killSessions and a stepdown. */
export class OperationRegistry {
  readonly #running = new Map<number, Operation>();
  readonly #clock: OperationClock;
  #nextId = 1;

  constructor(clock: OperationClock = systemOperationClock) {
    this.#clock = clock;
  }

  start(connectionId: number, command: string, namespace: string): Operation {
    const opId = this.#nextId++;
    const operation = new Operation(opId, connectionId, command, namespace, this.#clock);
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
