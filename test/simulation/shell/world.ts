/** The simulated world: virtual time, the network, the members, and everything that is noted about them. */
import { createHash } from 'node:crypto';
import type { Dice } from '../../../scripts/chaos/random.ts';
import { Invariants } from './checks/invariants.ts';
import { SimulatedMember } from './member.ts';
import { Network } from './network.ts';
import type { Server } from './server.ts';
import type { Setup } from './setup.ts';
import { Timeline } from './timeline.ts';

const epochMs = 1_700_000_000_000;
const storyLinesMax = 6000;

export class World {
  readonly setup: Setup;
  readonly dice: Dice;
  readonly timeline = new Timeline();
  readonly network: Network;
  readonly members: readonly SimulatedMember[];
  readonly invariants: Invariants;
  readonly failures: string[] = [];
  readonly story: string[] = [];
  readonly #hash = createHash('sha1');

  constructor(setup: Setup, dice: Dice) {
    this.setup = setup;
    this.dice = dice;
    this.network = new Network(this.timeline, dice, setup.network);
    this.network.onDelivery = (from, to, bytes) => {
      this.note(`${this.timeline.now} ${from} ${to}`);
      this.#hash.update(bytes);
    };
    this.members = Array.from(
      { length: setup.members },
      (_, id) => new SimulatedMember(this, id, setup.disk),
    );
    this.invariants = new Invariants(this);
  }

  get wallMs(): number {
    return epochMs + Math.floor(this.timeline.now);
  }

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

  memberStarted(member: SimulatedMember, server: Server): void {
    this.invariants.started(member, server);
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
