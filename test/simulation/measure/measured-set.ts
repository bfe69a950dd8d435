import type { Member, ReplicaSetConfigInput } from '../../../src/ark/index.ts';
import { World } from '../world/index.ts';
import type { Network } from './networks.ts';
import { asShipped, protocolOf, type Variant } from './variants.ts';

export interface SetOptions {
  readonly members: number;
  readonly network: Network;
  readonly variant?: Variant;
  readonly seed: number;
  readonly config?: Partial<ReplicaSetConfigInput>;
  readonly memberOverrides?: Record<number, Partial<ReplicaSetConfigInput['members'][number]>>;
  /** Between two writes of the client. Default 50. */
  readonly writeIntervalMillis?: number;
}

const maxVoters = 7;

/**
 * A replica set to be measured: on virtual time, without invariants (the simulations check them), with a client that writes
 * all the time to whoever is primary, so that logs differ when it is lost.
 */
export class MeasuredSet {
  readonly world: World<Member>;
  readonly network: Network;
  readonly #firstRegion: number;
  readonly #writeIntervalMillis: number;

  constructor({
    members,
    network,
    variant = asShipped,
    seed,
    config,
    memberOverrides,
    writeIntervalMillis = 50,
  }: SetOptions) {
    this.network = network;
    this.#writeIntervalMillis = writeIntervalMillis;
    // Lower ids rank first: they shall not always stand in the same region.
    this.#firstRegion = seed % network.regions;
    const silent = { votes: 0, priority: 0 } as const;
    const silentMembers = Array.from({ length: members }, (_, id) => id).slice(maxVoters);
    this.world = new World({
      protocol: protocolOf(variant),
      members,
      seed,
      config: { ...config, settings: { ...config?.settings, ...variant.settings } },
      memberOverrides:
        memberOverrides ?? Object.fromEntries(silentMembers.map((id) => [id, silent])),
      linkDelay: (from, to, random) => {
        const [shortest, longest] = network.millis(this.regionOf(from), this.regionOf(to));
        return shortest + random() * (longest - shortest);
      },
      lossRate: network.lossRate,
      invariants: [],
      story: false,
    }).bootstrap();
    this.#writeNow();
  }

  regionOf(member: number): number {
    return (member + this.#firstRegion) % this.network.regions;
  }

  /** Runs until everybody follows one primary, and then for up to a second more, so that no two trials begin alike. */
  settle(): number {
    const { world } = this;
    world.runUntil(() => this.#isSettled(), 600_000);
    world.run(500 + world.random() * 1_000);
    return world.awaitPrimary();
  }

  /** kill -9: the machine lives, so connections close. */
  crash(id: number): void {
    this.world.crash(id);
  }

  /** The machine is gone: nobody is told anything. */
  cutPower(id: number): void {
    this.world.network.cut([id], this.others(id));
    this.world.crash(id);
  }

  /** Whoever is down starts again, and everybody reaches everybody. */
  restore(): void {
    this.world.network.heal();
    for (const { id, member } of this.world.nodes) if (member === undefined) this.world.start(id);
  }

  others(id: number): number[] {
    return this.world.nodes.map((node) => node.id).filter((other) => other !== id);
  }

  #isSettled(): boolean {
    const { world } = this;
    const primary = world.primary();
    if (primary === undefined) return false;
    const { term } = world.node(primary).view ?? { term: 0 };
    return world.nodes.every(
      ({ member }) =>
        member?.primary?.id === primary &&
        member.primary.term === term &&
        member.lastEntry.term === term,
    );
  }

  #writeNow(): void {
    const primary = this.world.primary();
    if (primary !== undefined) this.world.write(primary);
    this.world.schedule.after(this.#writeIntervalMillis, () => this.#writeNow());
  }
}
