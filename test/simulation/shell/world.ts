/** The simulated world: virtual time, the network, the members, and everything that is noted about them. */
import { createHash } from 'node:crypto';
import type { Dice } from '../../../scripts/chaos/random.ts';
import { breakages } from './breakages.ts';
import { Invariants } from './checks/invariants.ts';
import { Promises } from './checks/promises.ts';
import { Rollbacks } from './checks/rollbacks.ts';
import { SimulatedMember } from './member.ts';
import { Network } from './network.ts';
import type { Server } from './server.ts';
import type { Setup } from './setup.ts';
import { Timeline } from './timeline.ts';

const epochMs = 1_700_000_000_000;
const storyLinesMax = 6000;
const waitMaxMs = 60_000;

export class World {
  readonly setup: Setup;
  readonly dice: Dice;
  readonly timeline = new Timeline();
  readonly network: Network;
  readonly members: readonly SimulatedMember[];
  readonly invariants: Invariants;
  readonly rollbacks: Rollbacks;
  readonly failures: string[] = [];
  readonly story: string[] = [];
  #worked = 0;
  readonly #hash = createHash('sha1');

  constructor(setup: Setup, dice: Dice) {
    this.setup = setup;
    this.dice = dice;
    this.network = new Network(this.timeline, dice, setup.network);
    this.network.onDelivery = (from, to, bytes) => {
      this.#hash.update(`${this.timeline.now} ${from} ${to}`).update(bytes);
    };
    this.members = Array.from(
      { length: setup.members },
      (_, id) => new SimulatedMember(this, id, setup.disk),
    );
    this.invariants = new Invariants(this);
    this.rollbacks = new Rollbacks(this);
    const promises = new Promises(this);
    this.network.onMessage = (from, message) => promises.leaves(from, message);
  }

  get wallMs(): number {
    return epochMs + Math.floor(this.timeline.now);
  }

  /** The clock that ends slices of work. It gets ahead of time, but never goes back. */
  readonly workClock = (): number => {
    this.#worked += this.dice.fraction() * this.setup.workMs;
    return this.timeline.now + this.#worked;
  };

  get running(): SimulatedMember[] {
    return this.members.filter((member) => member.isRunning);
  }

  get primaries(): SimulatedMember[] {
    return this.running.filter(({ server }) => server?.replicaSet.role === 'primary');
  }

  /** Lets virtual time pass until the condition holds, at most so long. False when it did not come true. */
  async until(condition: () => boolean, withinMs: number): Promise<boolean> {
    const deadline = this.timeline.now + withinMs;
    this.timeline.after(withinMs, () => {});
    let holds = condition();
    await this.timeline.run(
      () => holds || this.timeline.now >= deadline || this.failures.length > 0,
      () => {
        this.invariants.check();
        holds = condition();
      },
    );
    return holds;
  }

  /** Lets time pass until the promise settles; undefined when it has not within a minute. */
  async during<T>(promise: Promise<T>): Promise<T | undefined> {
    let result: { readonly value: T } | undefined;
    promise.then(
      (value) => {
        result = { value };
      },
      (error: unknown) => this.fail(`what was waited for failed: ${(error as Error).stack}`),
    );
    await this.until(() => result !== undefined, waitMaxMs);
    return result?.value;
  }

  memberStarted(member: SimulatedMember, server: Server): void {
    const { breakage } = this.setup;
    if (breakage !== undefined) breakages[breakage](server);
    this.invariants.started(member, server);
    this.rollbacks.started(member, server);
  }

  memberEnded(member: SimulatedMember, server: Server): void {
    this.invariants.ended(member, server);
  }

  /** A line of the story, told by a member or (undefined) the world. */
  tell(member: number | undefined, text: string): void {
    const who = member === undefined ? '--' : `m${member}`;
    if (this.story.length >= storyLinesMax) this.story.splice(0, storyLinesMax / 4);
    this.story.push(`${(this.timeline.now / 1000).toFixed(4)} ${who} ${text}`);
  }

  fail(what: string): void {
    this.tell(undefined, `VIOLATION ${what}`);
    this.failures.push(what);
  }

  /** Goes into the hash of the run. */
  note(text: string | Buffer): void {
    this.#hash.update(text);
  }

  digest(): string {
    return this.#hash.copy().digest('hex');
  }
}
