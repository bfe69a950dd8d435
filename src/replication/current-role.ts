/**
 * What this member is at the moment, as Ark last said it, and what a change means for clients.
 *
 * Invariants
 * - The write gate is open only between a `role` effect that says so and the next one that does not; `term` is
 *   that tenure's as long as it is open.
 * - Writers end when the gate closes; everybody ends when the data goes back or is replaced.
 */
import type { MemberStateName, RoleEffect } from '../ark/index.ts';
import { MongoServerError } from '../errors/index.ts';
import type { Environment } from './environment.ts';

/**
 * Ends what clients have running: writers at a step-down, everybody (`all`) when the member's data
 * goes back or is replaced. `except` names the operation that asked for it.
 */
export type KillOperations = (
  reason: MongoServerError,
  scope: 'writers' | 'all',
  except: number | undefined,
) => void;

export class CurrentRole {
  readonly #environment: Environment;
  readonly #killOperations: KillOperations;
  #stateName: MemberStateName = 'STARTUP';
  #isWritable = false;
  #term = 0;
  #primary: number | undefined;
  #electedWallMs: number | undefined;
  #isStopped = false;
  /** The operation that asks for a step-down: it lives to answer. */
  exceptOperation: number | undefined;

  constructor(environment: Environment, killOperations: KillOperations = () => {}) {
    this.#environment = environment;
    this.#killOperations = killOperations;
  }

  get stateName(): MemberStateName {
    return this.#stateName;
  }

  get isWritable(): boolean {
    return this.#isWritable;
  }

  /** The tenure's on a primary, on others the highest known. */
  get term(): number {
    return this.#term;
  }

  /** Member id of the primary believed in. */
  get primary(): number | undefined {
    return this.#primary;
  }

  /** When the present tenure opened. */
  get electedWallMs(): number | undefined {
    return this.#electedWallMs;
  }

  /** A new primary that still catches up takes reads like a secondary. */
  get isReadable(): boolean {
    return this.#stateName === 'SECONDARY' || this.#stateName === 'PRIMARY';
  }

  /** Throws unless client writes may enter the log now. */
  assertWritable(): void {
    if (!this.#isWritable) {
      throw new MongoServerError('NotWritablePrimary', 'not primary');
    }
  }

  take({ state, writable, term, primary, because }: RoleEffect): void {
    const { log, clock } = this.#environment;
    const before = this.#stateName;
    const wasWritable = this.#isWritable;
    this.#stateName = state;
    this.#isWritable = writable && !this.#isStopped;
    this.#term = term;
    this.#primary = primary;
    if (state !== before) {
      log.info('REPL', `transition to ${state} from ${before}`, {
        newState: state,
        oldState: before,
        reason: because,
        term,
      });
    }
    if (this.#isWritable && !wasWritable) {
      this.#electedWallMs = clock.wallMs();
      log.info('REPL', 'Transition to primary complete; database writes are now permitted', {
        term,
      });
    }
    if (wasWritable && !this.#isWritable) {
      this.#electedWallMs = undefined;
      this.#kill('writers');
    }
    if (state !== before && (state === 'ROLLBACK' || state === 'STARTUP2')) {
      this.#kill('all');
    }
  }

  /** Nothing is written from here on, whatever Ark says. */
  stop(): void {
    this.#isStopped = true;
    this.#isWritable = false;
  }

  #kill(scope: 'writers' | 'all'): void {
    const reason = new MongoServerError(
      'InterruptedDueToReplStateChange',
      'operation was interrupted',
    );
    this.#killOperations(reason, scope, this.exceptOperation);
  }
}
