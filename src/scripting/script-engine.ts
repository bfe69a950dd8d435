/**
 * Runs the functions of clients, in a sandbox in a thread of its own (`worker.js`). The thread starts
 * with the first function.
 *
 * A call holds the caller until it is answered, as expressions are evaluated without waiting: so a call
 * takes half a second at most, and what the operation's own interrupt says ends it sooner. A
 * thread that does not end its function when it is told to is ended itself, and the next call starts
 * another one.
 */
import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  Worker,
} from 'node:worker_threads';
import { MongoServerError } from '../errors/index.ts';

export type Request =
  | {
      readonly kind: 'open';
      readonly realm: number;
      readonly heapBytes: number;
      readonly limitMs: number;
    }
  | {
      readonly kind: 'compile';
      readonly realm: number;
      /** What the function is called by. */
      readonly id: number;
      readonly source: string;
      readonly limitMs: number;
    }
  | {
      readonly kind: 'call';
      readonly realm: number;
      readonly id: number;
      readonly input: string;
      readonly want: 'value' | 'test';
      readonly limitMs: number;
    };

export type Reply =
  /** The thread runs, the realm is open, the function is compiled. */
  | { readonly kind: 'ready' }
  /** "+" and what it gives, or "-" and what it throws: see invoker.js. */
  | { readonly kind: 'called'; readonly output: string }
  /** The realm or the function in it is not there any more, or never was. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'overrun' };

/** Read before each call. */
export interface ScriptLimits {
  /** Of one call, in milliseconds. */
  readonly limitMs: () => number;
  /** Of one realm. */
  readonly heapBytes: () => number;
}

const workerFile = new URL('./worker.js', import.meta.url);
const startLimitMs = 10_000;
/** What a function that was told to end may still take. */
const graceMs = 100;
/** How often a long call asks whether its operation goes on. */
const lookMs = 10;

const [requestBell, replyBell, endBell] = [0, 1, 2];

/** A thread, and the bells both sides ring. */
class SandboxThread {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #bells = new Int32Array(new SharedArrayBuffer(12));
  #isReady = false;
  isDead = false;

  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#worker = new Worker(workerFile, {
      workerData: { port: port2, bells: this.#bells },
      transferList: [port2],
      execArgv: [],
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: 256 },
    });
    // Functions that the sandbox cannot hold end its thread, not the member.
    this.#worker.on('error', () => this.end());
    this.#worker.unref();
  }

  /** The answer, or undefined when the thread gave none in time and was ended. */
  ask(request: Request, check: (() => void) | undefined): Reply | undefined {
    if (!this.#isReady) {
      if (!this.#answered(startLimitMs)) return this.end();
      this.#isReady = true;
      receiveMessageOnPort(this.#port);
    }
    const bells = this.#bells;
    Atomics.store(bells, endBell, 0);
    Atomics.store(bells, replyBell, 0);
    this.#port.postMessage(request);
    Atomics.store(bells, requestBell, 1);
    Atomics.notify(bells, requestBell);
    if (!this.#answeredWhile(request.limitMs + graceMs, check)) return this.end();
    return receiveMessageOnPort(this.#port)?.message as Reply | undefined;
  }

  /** Waits; throws what `check` throws, after the function has ended. */
  #answeredWhile(limitMs: number, check: (() => void) | undefined): boolean {
    const until = performance.now() + limitMs;
    while (!this.#answered(Math.min(lookMs, Math.max(0, until - performance.now())))) {
      try {
        check?.();
      } catch (error) {
        Atomics.store(this.#bells, endBell, 1);
        Atomics.notify(this.#bells, endBell);
        if (this.#answered(graceMs)) receiveMessageOnPort(this.#port);
        else this.end();
        throw error;
      }
      if (performance.now() >= until) return false;
    }
    return true;
  }

  /** The ringing of an earlier answer may wake this wait: what counts is the bell's value. */
  #answered(limitMs: number): boolean {
    const until = performance.now() + limitMs;
    while (Atomics.load(this.#bells, replyBell) === 0) {
      const left = until - performance.now();
      if (left <= 0) return false;
      Atomics.wait(this.#bells, replyBell, 0, left);
    }
    return true;
  }

  end(): undefined {
    this.isDead = true;
    void this.#worker.terminate();
  }
}

export class ScriptEngine {
  readonly #limits: ScriptLimits;
  #thread: SandboxThread | undefined;
  #lastNumber = 0;

  constructor(limits: ScriptLimits) {
    this.#limits = limits;
  }

  /** A number for a realm, which comes to be with its first function, or for a function. */
  newNumber(): number {
    this.#lastNumber += 1;
    return this.#lastNumber;
  }

  /** Undefined when it is done, else "-" and why it cannot be. */
  compile(realm: number, id: number, source: string, check?: () => void): string | undefined {
    const limitMs = this.#limits.limitMs();
    const compile = (): Reply => this.#ask({ kind: 'compile', realm, id, source, limitMs }, check);
    let reply = compile();
    if (reply.kind === 'gone') {
      const heapBytes = this.#limits.heapBytes();
      this.#ask({ kind: 'open', realm, heapBytes, limitMs: startLimitMs }, undefined);
      reply = compile();
    }
    if (reply.kind === 'ready') return undefined;
    if (reply.kind === 'called') return reply.output;
    throw interrupted();
  }

  /** Undefined when the function is gone. */
  call(
    realm: number,
    id: number,
    input: string,
    want: 'value' | 'test',
    check?: () => void,
  ): string | undefined {
    const limitMs = this.#limits.limitMs();
    const reply = this.#ask({ kind: 'call', realm, id, input, want, limitMs }, check);
    if (reply.kind === 'called') return reply.output;
    if (reply.kind === 'gone') return undefined;
    throw interrupted();
  }

  /** Ends the thread, if there is one. */
  stop(): void {
    this.#thread?.end();
    this.#thread = undefined;
  }

  #ask(request: Request, check: (() => void) | undefined): Reply {
    if (this.#thread === undefined || this.#thread.isDead) this.#thread = new SandboxThread();
    const reply = this.#thread.ask(request, check);
    if (reply === undefined) throw interrupted();
    return reply;
  }
}

function interrupted(): MongoServerError {
  return new MongoServerError('Interrupted', 'JavaScript execution interrupted');
}
