/**
 * A client of the mixed load: takes steps one after the other, and tells errors that a client may
 * meet from those that nobody may see.
 */
import { MongoBulkWriteError, MongoClient } from 'mongodb';
import type { Ledger } from './mixed-ledger.ts';
import { pickStep, type Stepper } from './mixed-steps.ts';
import type { Dice } from './random.ts';

export const databaseName = 'mixed';

/** What a client may meet while members come and go, or by its own doing. */
const expected =
  /NotWritablePrimary|NotPrimary|SteppedDown|StateChange|Shutdown|Interrupted|DuplicateKey|NamespaceNotFound|NamespaceExists|IndexNotFound|IndexOptionsConflict|IndexKeySpecsConflict|WriteConcern|CannotIndexParallelArrays|BackgroundOperation|QueryPlanKilled|CursorNotFound|CannotCreateIndex|IndexBuildAborted|HostUnreachable|NodeNotFound|ConflictingUpdateOperators|TransactionTooOld|ReadConcernMajorityNotAvailableYet/;
const expectedNames =
  /MongoNetwork|MongoServerSelection|MongoNotConnected|MongoClientClosed|PoolCleared|MongoPool|MongoTopologyClosed|MongoExpiredSession|MongoWriteConcernError|MongoOperationTimeout/;

export class LoadClient implements Stepper {
  readonly ledger: Ledger;
  readonly dice: Dice;
  readonly name: string;
  readonly own: string[] = [];
  readonly #client: MongoClient;
  #next = 0;
  #isStopping = false;
  #running: Promise<void> | undefined;

  constructor(uri: string, name: string, dice: Dice, ledger: Ledger) {
    this.name = name;
    this.dice = dice;
    this.ledger = ledger;
    this.#client = new MongoClient(uri, {
      serverSelectionTimeoutMS: 4_000,
      heartbeatFrequencyMS: 500,
      socketTimeoutMS: 10_000,
      maxPoolSize: 2,
    });
  }

  start(pauseMs: number): void {
    this.#running = this.#run(pauseMs);
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#running;
    await this.#client.close();
  }

  async #run(pauseMs: number): Promise<void> {
    const db = this.#client.db(databaseName);
    while (!this.#isStopping) {
      const step = pickStep(this.dice);
      try {
        await step(this, db);
        this.ledger.acknowledged += 1;
      } catch (error) {
        this.#failed(error);
      }
      await new Promise((next) => setTimeout(next, this.dice.below(pauseMs)));
    }
  }

  #failed(error: unknown): void {
    this.ledger.unknown += 1;
    const { name = '', codeName = '', code, message = '' } = error as Record<string, string>;
    const what = codeName || `${name} ${code ?? ''}`;
    this.ledger.codes.set(what, (this.ledger.codes.get(what) ?? 0) + 1);
    const isKnown =
      expected.test(codeName) ||
      expectedNames.test(name) ||
      (code as unknown) === 11000 ||
      (code as unknown) === 171 ||
      (code as unknown) === 175 ||
      error instanceof MongoBulkWriteError;
    if (!isKnown) this.ledger.wrong.push(`${this.name}: ${what}: ${message}`);
  }

  freshId(): string {
    this.#next += 1;
    return `${this.name}.${this.#next}`;
  }

  concern(): { w: 1 | 'majority' } {
    return { w: this.dice.chance(0.6) ? 'majority' : 1 };
  }
}
