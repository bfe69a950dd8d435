/**
 * One running command: its number, its deadline, whether it was killed, what it has written.
 * `check` is called by everything that loops; `signal` by everything that sleeps.
 */
import { DocumentWriter, ElementReader, type RawValue } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { type OperationClock, systemOperationClock } from './operation-clock.ts';
import type { OplogPosition } from './replica-set-view.ts';

/** Session fields of a command; most commands never look at their session. */
export class OperationSession {
  readonly #lsid: RawValue;
  /** Where the 16 bytes of the lsid's id are in its buffer. */
  readonly #idStart: number;
  readonly txnNumber: bigint | undefined;

  constructor(lsid: RawValue, idStart: number, txnNumber: bigint | undefined) {
    this.#lsid = lsid;
    this.#idStart = idStart;
    this.txnNumber = txnNumber;
  }

  /** The lsid's 16 bytes as hex, for maps and comparisons. */
  get id(): string {
    return this.#lsid.buffer.toString('hex', this.#idStart, this.#idStart + 16);
  }

  /** The lsid document as it came. */
  get lsid(): Buffer {
    return this.#lsid.buffer.subarray(this.#lsid.start, this.#lsid.end);
  }
}

function withComment(buffer: Buffer, start: number, comment: RawValue): Buffer {
  const writer = new DocumentWriter();
  writer.startDocument();
  const reader = new ElementReader(buffer, start);
  while (reader.next()) writer.element(buffer, reader.elementStart, reader.end);
  writer.raw('comment', comment);
  writer.end();
  return writer.finish();
}

export class Operation {
  readonly opId: number;
  readonly connectionId: number;
  readonly command: string;
  namespace: string;
  readonly startedAt: number;
  /** On the clock of `startedAt`: when the operation is out of time; Infinity without maxTimeMS. */
  deadline = Number.POSITIVE_INFINITY;
  /** As it came, any type; of a getMore without one, what its cursor was opened with. */
  comment: RawValue | undefined = undefined;
  /** The command as it came has no comment of its own. */
  #inheritsComment = false;
  session: OperationSession | undefined = undefined;
  /** Set by a fail point: see the database's OperationContext. */
  beforeStatements: (() => void) | undefined = undefined;
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
  /** Neighbours in the registry, which alone changes them. */
  newer: Operation | undefined = undefined;
  older: Operation | undefined = undefined;
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

  /** For currentOp and the profiler: the body of the command, with the comment it inherits. */
  get body(): Buffer | undefined {
    if (this.request === undefined) return undefined;
    const { buffer, start, byteLength } = this.request;
    if (!this.#inheritsComment || this.comment === undefined) {
      return buffer.subarray(start, start + byteLength);
    }
    return withComment(buffer, start, this.comment);
  }

  /** A getMore goes on with what the cursor was opened for. */
  inherit(comment: RawValue | undefined): void {
    if (this.comment !== undefined || comment === undefined) return;
    this.comment = comment;
    this.#inheritsComment = true;
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

  /** What is left of it, its cursor, has a time of its own. */
  finish(): void {
    this.deadline = Number.POSITIVE_INFINITY;
    this.#cancelTimer?.();
  }
}

function outOfTime(): MongoServerError {
  return new MongoServerError('MaxTimeMSExpired', 'operation exceeded time limit');
}

/**
 * Every running operation, for currentOp, killOp, killSessions and a stepdown. Each command comes and
 * goes here and hardly anybody looks, so they are a linked list: a map would hash every number, and
 * be rebuilt again and again.
 */
export class OperationRegistry {
  readonly #clock: OperationClock;
  #newest: Operation | undefined;
  #nextId = 1;

  constructor(clock: OperationClock = systemOperationClock) {
    this.#clock = clock;
  }

  start(connectionId: number, command: string, namespace: string): Operation {
    const opId = this.#nextId++;
    const operation = new Operation(opId, connectionId, command, namespace, this.#clock);
    const older = this.#newest;
    operation.older = older;
    if (older !== undefined) older.newer = operation;
    this.#newest = operation;
    return operation;
  }

  /** A second call for the same operation changes nothing. */
  finish(operation: Operation): void {
    const { newer, older } = operation;
    if (newer !== undefined) newer.older = older;
    else if (this.#newest === operation) this.#newest = older;
    if (older !== undefined) older.newer = newer;
    operation.newer = undefined;
    operation.older = undefined;
    operation.finish();
  }

  get(opId: number): Operation | undefined {
    return this.all().find((operation) => operation.opId === opId);
  }

  /** In the order of their numbers. */
  all(): Operation[] {
    const operations: Operation[] = [];
    for (let at = this.#newest; at !== undefined; at = at.older) operations.push(at);
    return operations.reverse();
  }
}
