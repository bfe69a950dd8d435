/** Lets documents expire every `ttlMonitorSleepSecs`, while this member is primary. */
import type { Counters, ServerParameters } from '../commands/index.ts';
import { type Database, expireDocuments } from '../database/index.ts';
import { MongoServerError } from '../errors/index.ts';

export interface ExpiryOptions {
  readonly database: Database;
  readonly parameters: ServerParameters;
  readonly counters: Counters;
  readonly isPrimary: () => boolean;
  readonly onFailure: (error: unknown) => void;
}

/** How soon a changed parameter is seen. */
const tickMs = 1000;
const defaultSleepSecs = 60;

export class ExpiryTimer {
  readonly #options: ExpiryOptions;
  readonly #enabled: { readonly value: boolean };
  readonly #sleepSecs: { readonly value: number };
  #interval: NodeJS.Timeout | undefined;
  #pass: Promise<void> | undefined;
  #lastPassAt: number;

  constructor(options: ExpiryOptions) {
    const { parameters, database } = options;
    this.#options = options;
    this.#lastPassAt = database.monotonicMs();
    this.#enabled = parameters.declare('ttlMonitorEnabled', true, booleanOf);
    this.#sleepSecs = parameters.declare('ttlMonitorSleepSecs', defaultSleepSecs, secondsOf);
  }

  start(): void {
    this.#interval = setInterval(() => this.#tick(), tickMs).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#interval);
    this.#interval = undefined;
    await this.#pass;
  }

  #tick(): void {
    const { database, isPrimary, onFailure } = this.#options;
    const now = database.monotonicMs();
    if (this.#pass !== undefined || now - this.#lastPassAt < this.#sleepSecs.value * 1000) return;
    this.#lastPassAt = now;
    if (!this.#enabled.value || !isPrimary()) return;
    this.#pass = this.#run()
      .catch(onFailure)
      .finally(() => {
        this.#pass = undefined;
      });
  }

  async #run(): Promise<void> {
    const { database, counters, isPrimary } = this.#options;
    const mayGoOn = () => this.#interval !== undefined && this.#enabled.value && isPrimary();
    counters.ttl.deletedDocuments += await expireDocuments(database, mayGoOn);
    counters.ttl.passes += 1;
  }
}

function booleanOf(value: unknown): boolean {
  if (typeof value === 'boolean' || typeof value === 'number') return Boolean(value);
  throw new MongoServerError('TypeMismatch', 'ttlMonitorEnabled must be a boolean');
}

function secondsOf(value: unknown): number {
  const seconds = typeof value === 'bigint' ? Number(value) : value;
  if (typeof seconds !== 'number') {
    throw new MongoServerError('TypeMismatch', 'ttlMonitorSleepSecs must be a number');
  }
  if (seconds > 0) return Math.trunc(seconds);
  throw new MongoServerError(
    'BadValue',
    `Invalid value for parameter ttlMonitorSleepSecs: ${seconds} is not greater than 0`,
  );
}
