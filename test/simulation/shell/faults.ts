/** What goes wrong, and when it is mended again: drawn from the seed as the run goes. */
import type { SimulatedMember } from './member.ts';
import type { FaultKind } from './setup.ts';
import type { World } from './world.ts';

const downMaxMs = 6000;
const cutMaxMs = 8000;
const pauseMaxMs = 5000;

interface MemberFields {
  readonly _id?: number;
  readonly votes?: number;
  readonly priority?: number;
  readonly secondaryDelaySecs?: bigint;
}

export class Faults {
  readonly #world: World;
  #isOver = false;
  done = 0;

  constructor(world: World) {
    this.#world = world;
  }

  start(): void {
    const { dice, setup, timeline } = this.#world;
    timeline.after(setup.faultEveryMs * 2 * dice.fraction(), () => {
      if (this.#isOver) return;
      this.#strike(dice.pick(setup.faults));
      this.start();
    });
  }

  /** No more faults, and everything that was broken is whole again. */
  end(): void {
    this.#isOver = true;
    this.#world.tell(undefined, 'all faults are mended');
    this.#world.network.heal();
    this.#world.network.habits = { ...this.#world.setup.network, lossShare: 0, lateShare: 0 };
    for (const member of this.#world.members) {
      member.machine.failingFlushes = 0;
      member.resume();
      if (member.process === undefined) member.start();
    }
  }

  /** Whoever is down when the faults end, or goes down by a late one, comes back. */
  revive(): void {
    for (const member of this.#world.members) if (member.process === undefined) member.start();
  }

  #strike(kind: FaultKind): void {
    const { dice, members, primaries } = this.#world;
    // Primaries are where it hurts.
    const member = dice.pick(primaries.length > 0 && dice.chance(0.4) ? primaries : members);
    this.done++;
    switch (kind) {
      case 'restart':
        void member.stop().then(() => this.#startLater(member));
        break;
      case 'kill':
      case 'powerLoss':
        this.#kill(member, kind === 'powerLoss');
        break;
      case 'isolate':
        this.#cut(
          [member],
          members.filter((other) => other !== member),
          true,
        );
        break;
      case 'split': {
        const shuffled = dice.shuffled(members);
        const at = 1 + dice.below(Math.max(1, members.length - 1));
        this.#cut(shuffled.slice(0, at), shuffled.slice(at), true);
        break;
      }
      case 'oneWay':
        this.#cut([member], dice.shuffled(members).slice(0, 1 + dice.below(members.length)), false);
        break;
      case 'pause':
        this.#pause(member);
        break;
      case 'failFlush':
        this.#world.tell(undefined, `the disk of ${member.id} fails`);
        member.machine.failingFlushes = 1;
        this.#reviveLater();
        break;
      case 'bridge':
        this.#cut([member], [dice.pick(members)], true);
        break;
      case 'reconfig':
        this.#reconfig();
        break;
      case 'tear':
        this.#world.tell(undefined, `connections of ${member.id} are reset`);
        this.#world.network.resetConnections(member.host);
        break;
      case 'stepDown':
        this.#stepDown(dice.pick(members));
        break;
      case 'wipe':
        this.#wipe(member);
        break;
      case 'clock':
        member.clockOffsetMs = (dice.fraction() - 0.5) * 2 * this.#clockErrorMaxMs();
        break;
    }
  }

  #kill(member: SimulatedMember, powerLoss: boolean): void {
    if (member.process === undefined) return;
    member.kill({ powerLoss });
    this.#startLater(member);
  }

  #startLater(member: SimulatedMember): void {
    const { dice, timeline } = this.#world;
    timeline.after(dice.fraction() * downMaxMs, () => {
      if (member.process === undefined) member.start();
    });
  }

  #reviveLater(): void {
    this.#world.timeline.after(downMaxMs, () => this.revive());
  }

  #cut(
    some: readonly SimulatedMember[],
    others: readonly SimulatedMember[],
    isBothWays: boolean,
  ): void {
    const { network, dice, timeline } = this.#world;
    const names = (list: readonly SimulatedMember[]) => list.map(({ id }) => id).join();
    const arrow = isBothWays ? '<->' : '-->';
    this.#world.tell(undefined, `cut: [${names(some)}] ${arrow} [${names(others)}]`);
    const heals: (() => void)[] = [];
    for (const one of some) {
      for (const other of others) {
        if (one === other) continue;
        heals.push(network.cut(one.host, other.host));
        if (isBothWays) heals.push(network.cut(other.host, one.host));
      }
    }
    timeline.after(dice.fraction() * cutMaxMs, () => {
      this.#world.tell(undefined, `healed: [${names(some)}] ${arrow} [${names(others)}]`);
      for (const heal of heals) heal();
    });
  }

  #pause(member: SimulatedMember): void {
    const { dice, timeline } = this.#world;
    if (member.process === undefined) return;
    member.pause();
    timeline.after(dice.fraction() * pauseMaxMs, () => member.resume());
  }

  #stepDown(member: SimulatedMember): void {
    const { server, process } = member;
    if (server === undefined || server.replicaSet.role !== 'primary') return;
    const { dice } = this.#world;
    this.#world.tell(member.id, 'is told to step down');
    process?.enter(() => {
      const options = { force: dice.chance(0.5), catchUpSeconds: dice.pick([0, 1]) };
      const { signal } = new AbortController();
      server.replicaSet.stepDown(2, { ...options, signal }).catch(() => {});
    });
  }

  /** Another priority, or a vote given or taken, for one member: what one step may change. */
  #reconfig(): void {
    const { dice, members, primaries } = this.#world;
    const server = primaries[0]?.server;
    const chosen = dice.pick(members);
    if (server === undefined || chosen.id === 0 || !chosen.holdsData) return;
    const config = server.replicaSet.config() as { version: number; members: MemberFields[] };
    const changed = config.members.map((member) =>
      Number(member._id) === chosen.id ? { ...member, ...this.#otherwise(member) } : member,
    );
    const document = { ...config, version: config.version + 1, members: changed };
    this.#world.tell(undefined, `reconfig of ${chosen.id}`);
    server.process.enter(() => {
      const { signal } = new AbortController();
      server.replicaSet.reconfig(document, { force: false, signal }).catch((error: unknown) => {
        this.#world.tell(undefined, `reconfig: ${error}`);
      });
    });
  }

  #otherwise({ votes, secondaryDelaySecs }: MemberFields): MemberFields {
    const { dice } = this.#world;
    if (dice.chance(0.5)) return votes === 0 ? { votes: 1 } : { votes: 0, priority: 0 };
    const isElectable = votes !== 0 && Number(secondaryDelaySecs) === 0;
    return { priority: isElectable ? dice.below(4) : 0 };
  }

  /** A delayed member goes by the wall clock: it lags by as much more as the clocks differ. */
  #clockErrorMaxMs(): number {
    const configs = Object.values(this.#world.setup.memberConfigs);
    return configs.some(({ secondaryDelaySecs }) => secondaryDelaySecs !== undefined)
      ? 1000
      : 300_000;
  }

  /** Everybody serves, and counts in the configuration of everybody. */
  #isHealthy(): boolean {
    const { members } = this.#world;
    return members.every(({ server }) => {
      const ark = server?.replicaSet.ark;
      if (ark === undefined || ark.config === undefined) return false;
      const isServing = ['secondary', 'primary', 'arbiter'].includes(ark.role.kind);
      const voters = ark.config.members.filter((one) => one.votes === 1);
      const holders = voters.filter((one) => !one.arbiterOnly);
      return (
        isServing &&
        // A majority of the voters must be left, and one of them hold data: see "Incarnations" in src/ark/README.md.
        voters.length >= 3 &&
        holders.length >= 2 &&
        ark.config.members.every(
          (other) =>
            other.arbiterOnly ||
            other.votes === 0 ||
            other.incarnation === members[other._id]?.server?.replicaSet.ark.incarnation,
        )
      );
    });
  }

  /** One lost disk at a time: the next one only when the member counts again everywhere. */
  #wipe(member: SimulatedMember): void {
    const { members } = this.#world;
    if (members.length < 3 || !member.holdsData) return;
    if (!this.#isHealthy()) return;
    member.kill({ powerLoss: true });
    member.wipe();
    this.#startLater(member);
  }
}
