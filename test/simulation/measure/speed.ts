import type { Member } from '../../../src/ark/index.ts';
import { arkWorld, Clients, type World } from '../world/index.ts';
import { invariants } from '../world/invariants/index.ts';

/** What a simulated set of three costs: shipped core, default settings, all invariants. */
export interface Speed {
  readonly what: string;
  /** Simulated time that passed. */
  readonly virtualSeconds: number;
  /** Inputs fed to members; the invariants were checked after each. */
  readonly steps: number;
  readonly elections: number;
  /** Processor time of the whole process in the meantime, compiler and garbage collector included. */
  readonly cpuSeconds: number;
}

/** What the simulations shall reach: simulated seconds per second of processor time, and elections per second of it. */
export const wanted = { timesRealTime: 10_000, electionsPerSecond: 1_000 } as const;

/** Nobody writes and nothing fails. */
export function idleSet(virtualSeconds: number): Speed {
  const { world } = settledSet();
  return speedOf(world, 'idle', () => world.run(virtualSeconds * 1000));
}

/** A client writes ten times a second and waits for the majority each time. */
export function writtenSet(virtualSeconds: number): Speed {
  const { world, clients, primary } = settledSet();
  return speedOf(world, 'ten majority writes a second', () => {
    for (let count = 0; count < virtualSeconds * 10; count++) {
      clients.write(primary, { w: 'majority' });
      world.run(100);
    }
  });
}

/** Each primary is killed as soon as it takes writes, and its member started again at once. */
export function electingSet(elections: number): Speed {
  const { world } = settledSet();
  return speedOf(world, 'every primary is killed at once', () => {
    for (let count = 0; count < elections; count++) {
      const primary = world.awaitPrimary();
      world.crash(primary);
      world.start(primary);
      world.awaitPrimary();
    }
  });
}

export function lineOf({ what, virtualSeconds, steps, elections, cpuSeconds }: Speed): string {
  const per = (count: number) => Math.round(count / cpuSeconds).toLocaleString('en');
  const time = `${(virtualSeconds / 3600).toFixed(1)} simulated hours in ${cpuSeconds.toFixed(2)} s of processor time`;
  const rates = `${per(virtualSeconds)}x real time, ${per(elections)} elections/s, ${per(steps)} steps/s`;
  return `${what}: ${time}, ${elections} elections, ${steps.toLocaleString('en')} steps: ${rates}`;
}

export const checked = `${invariants.length} invariants are checked`;

function settledSet(): { world: World<Member>; clients: Clients<Member>; primary: number } {
  const world = arkWorld({ members: 3, story: false }).bootstrap();
  const clients = new Clients(world);
  const primary = world.awaitPrimary();
  world.run(5_000);
  return { world, clients, primary };
}

function speedOf(world: World<Member>, what: string, run: () => void): Speed {
  const { now, steps } = world;
  const elections = world.history.tenures.length;
  const began = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(began);
  return {
    what,
    virtualSeconds: (world.now - now) / 1000,
    steps: world.steps - steps,
    elections: world.history.tenures.length - elections,
    cpuSeconds: (user + system) / 1e6,
  };
}
