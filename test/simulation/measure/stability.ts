import { MeasuredSet, type SetOptions } from './measured-set.ts';

/** What a set does while a majority of it, the primary among them, is well. Per hour of virtual time. */
export interface Stability {
  /** Tenures that ended although the primary reached a majority all the time. */
  readonly elections: number;
  /** Deciding rounds, won or not. */
  readonly decidingRounds: number;
  /** Speculative rounds: harmless, but each asks everybody. */
  readonly speculativeRounds: number;
}

/** A lasting trouble. It begins when the set has settled with a primary, which keeps a majority in it. */
export interface Trouble {
  readonly name: string;
  readonly title: string;
  /** Whether a set of this size can have it with a majority left. */
  fits(members: number): boolean;
  begin(set: MeasuredSet, primary: number): void;
}

export function stability(options: SetOptions, trouble: Trouble, seconds: number): Stability {
  const set = new MeasuredSet(options);
  const { world } = set;
  const primary = set.settle();
  const marks = () => [
    world.history.tenures.length,
    world.marks.get('votingRound') ?? 0,
    world.marks.get('speculativeRound') ?? 0,
  ];
  trouble.begin(set, primary);
  const before = marks();
  world.run(seconds * 1_000);
  const [elections = 0, decidingRounds = 0, speculativeRounds = 0] = marks().map(
    (count, index) => ((count - (before[index] ?? 0)) * 3_600) / seconds,
  );
  return { elections, decidingRounds, speculativeRounds };
}

/** The primary and then everybody else, in the order of ids: positions in a ring, halves of a bridge. */
function fromPrimary(set: MeasuredSet, primary: number): number[] {
  const size = set.world.nodes.length;
  return Array.from({ length: size }, (_, index) => (primary + index) % size);
}

const flaky: Trouble = {
  name: 'flaky',
  title: 'one flaky member',
  fits: () => true,
  begin(set, primary) {
    const [, one = 0] = fromPrimary(set, primary);
    const { world } = set;
    const change = (isCut: boolean) => {
      for (const other of set.others(one)) {
        if (isCut) world.network.cut([one], [other]);
        else
          for (const [from, to] of [
            [one, other],
            [other, one],
          ] as const)
            world.network.restore(from, to);
        // Half of the breaks are noticed: the connection closes.
        if (!isCut || world.random() < 0.5) continue;
        const now = world.now;
        world.feed(one, { kind: 'peerDisconnected', member: other, now });
        world.feed(other, { kind: 'peerDisconnected', member: one, now });
      }
      world.schedule.after(200 + world.random() * 4_800, () => change(!isCut));
    };
    change(true);
  },
};

const deafMember: Trouble = {
  name: 'deaf',
  title: 'one-way link: a member does not hear the primary',
  fits: () => true,
  begin(set, primary) {
    const [, one = 0] = fromPrimary(set, primary);
    set.world.network.cutOneWay(primary, one);
  },
};

const muteMember: Trouble = {
  name: 'mute',
  title: 'one-way link: the primary does not hear a member',
  fits: () => true,
  begin(set, primary) {
    const [, one = 0] = fromPrimary(set, primary);
    set.world.network.cutOneWay(one, primary);
  },
};

/** Halves that reach each other through one member only. */
const bridge: Trouble = {
  name: 'bridge',
  title: 'bridge: two halves joined by one member',
  fits: (members) => members % 2 === 1,
  begin(set, primary) {
    const order = fromPrimary(set, primary);
    const half = (order.length - 1) / 2;
    set.world.network.cut(order.slice(0, half), order.slice(half + 1));
  },
};

/** Everybody reaches just so many neighbours on both sides that it is a majority. */
const ring: Trouble = {
  name: 'ring',
  title: 'ring: each reaches its neighbours only',
  fits: (members) => members >= 5,
  begin(set, primary) {
    const order = fromPrimary(set, primary);
    const size = order.length;
    const reach = Math.ceil((size - 1) / 4);
    for (let a = 0; a < size; a++)
      for (let b = 0; b < size; b++) {
        const distance = Math.min((a - b + size) % size, (b - a + size) % size);
        if (distance > reach) set.world.network.cutOneWay(order[a]!, order[b]!);
      }
  },
};

const pauses: Trouble = {
  name: 'pauses',
  title: 'the primary stops for 500 ms every 1-3 s',
  fits: () => true,
  begin(set, primary) {
    const { world } = set;
    const stop = () => {
      world.pause(primary);
      world.schedule.after(500, () => {
        world.resume(primary);
        world.schedule.after(1_000 + world.random() * 2_000, stop);
      });
    };
    stop();
  },
};

export const troubles: readonly Trouble[] = [flaky, deafMember, muteMember, bridge, ring, pauses];
