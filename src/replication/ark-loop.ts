/**
 * Feeds Ark one input at a time and performs what it answers, in order.
 *
 * Invariants
 * - An input is never fed from inside the performing of an effect: what comes meanwhile is queued.
 * - A message with `afterToken` leaves only when that token, and all before it, are durable.
 * - Time and chance reach Ark from here alone.
 * - A persist that fails ends the member: it would forget a promise.
 */

import type { DurableState, JsonValue } from '../../storage/index.ts';
import {
  type CommandOutcome,
  type Effect,
  type Input,
  type Member,
  nextDeadline,
  type PersistEffect,
  type SendEffect,
  step,
} from '../ark/index.ts';
import type { CancelTimer, Environment } from './environment.ts';

/** Inputs as the rooms around give them: the loop adds the time. */
export type TimelessInput<I extends Input = Input> = I extends Input ? Omit<I, 'now'> : never;
type CommandInput = Extract<Input, { command: number }>;
export type TimelessCommand = CommandInput extends infer C
  ? C extends CommandInput
    ? Omit<C, 'now' | 'command'>
    : never
  : never;

/** Effects that are not about persistence, messages or replies. */
export type OutwardEffect = Exclude<Effect, { kind: 'persist' | 'send' | 'reply' | 'fatal' }>;

export interface ArkLoopOptions {
  readonly state: Member;
  readonly environment: Environment;
  readonly durableState: DurableState;
  readonly send: (effect: SendEffect) => void;
  readonly perform: (effect: OutwardEffect) => void;
  /** Called when a run of inputs has been worked off. */
  readonly onSettled: () => void;
}

/** Ark may ask to be woken at once; so often is often enough. */
const tickIntervalMinMs = 1;

export class ArkLoop {
  readonly state: Member;
  readonly #options: ArkLoopOptions;
  #queue: Input[] = [];
  #isStepping = false;
  #isStopped = false;
  #persistedToken = 0;
  #heldBack: SendEffect[] = [];
  #cancelTick: CancelTimer | undefined;
  #lastNow = 0;
  #nextCommand = 1;
  readonly #commands = new Map<number, (outcome: CommandOutcome) => void>();

  constructor(options: ArkLoopOptions) {
    this.state = options.state;
    this.#options = options;
  }

  start(): void {
    this.#tick();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelTick?.();
    this.#queue = [];
    for (const resolve of this.#commands.values()) {
      resolve({ ok: false, code: 'NotYetInitialized', message: 'the member is shutting down' });
    }
    this.#commands.clear();
  }

  /** Milliseconds of this member's monotonic clock; never goes back. */
  now(): number {
    this.#lastNow = Math.max(this.#lastNow, this.#options.environment.clock.monotonicMs());
    return this.#lastNow;
  }

  feed(input: TimelessInput): void {
    if (this.#isStopped) {
      return;
    }
    // Fields added after a spread cost a hundred times what they cost before it.
    this.#queue.push({ now: this.now(), ...input } as Input);
    if (!this.#isStepping) {
      this.#drain();
    }
  }

  /** Feeds a command and resolves with Ark's reply to it. */
  command(input: TimelessCommand): Promise<CommandOutcome> {
    return new Promise((resolve) => {
      const command = this.#nextCommand++;
      this.#commands.set(command, resolve);
      this.feed({ ...input, command } as TimelessInput);
      if (this.#isStopped) {
        this.#commands.delete(command);
        resolve({ ok: false, code: 'NotYetInitialized', message: 'the member is shutting down' });
      }
    });
  }

  #drain(): void {
    this.#isStepping = true;
    try {
      for (let input = this.#queue.shift(); input !== undefined; input = this.#queue.shift()) {
        for (const effect of step(this.state, input)) {
          this.#perform(effect);
        }
      }
    } catch (error) {
      this.#options.environment.crash(error);
    } finally {
      this.#isStepping = false;
    }
    this.#options.onSettled();
    this.#scheduleTick();
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case 'persist':
        this.#persist(effect);
        break;
      case 'send':
        if (effect.afterToken === undefined || effect.afterToken <= this.#persistedToken) {
          this.#options.send(effect);
        } else {
          this.#heldBack.push(effect);
        }
        break;
      case 'reply':
        this.#commands.get(effect.command)?.(effect.outcome);
        this.#commands.delete(effect.command);
        break;
      case 'fatal':
        this.#options.environment.crash(new Error(effect.because));
        break;
      default:
        this.#options.perform(effect);
    }
  }

  #persist({ token, vote, config }: PersistEffect): void {
    const { durableState, environment } = this.#options;
    const patch = {
      ...(vote === undefined ? {} : { vote: vote as unknown as JsonValue }),
      ...(config === undefined ? {} : { config: config as unknown as JsonValue }),
    };
    durableState.write(patch).then(
      () => {
        if (this.#isStopped) {
          return;
        }
        this.#persistedToken = Math.max(this.#persistedToken, token);
        const ready = this.#heldBack.filter(({ afterToken = 0 }) => afterToken <= token);
        this.#heldBack = this.#heldBack.filter(({ afterToken = 0 }) => afterToken > token);
        for (const effect of ready) {
          this.#options.send(effect);
        }
        this.feed({ kind: 'persisted', token });
      },
      (error: unknown) => {
        if (!this.#isStopped) {
          environment.crash(error);
        }
      },
    );
  }

  #tick(): void {
    this.feed({ kind: 'tick', random: this.#options.environment.random.fraction() });
  }

  #scheduleTick(): void {
    this.#cancelTick?.();
    if (this.#isStopped) {
      return;
    }
    const waitMs = Math.max(tickIntervalMinMs, nextDeadline(this.state) - this.now());
    this.#cancelTick = Number.isFinite(waitMs)
      ? this.#options.environment.timers.after(waitMs, () => this.#tick())
      : undefined;
  }
}
