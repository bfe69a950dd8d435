/** What a seed draws before anything happens: the set, its machines, its network, its clients, its faults. */
import type { Dice } from '../../../scripts/chaos/random.ts';
import type { RulesForTests } from '../../../src/ark/index.ts';
import type { Breakage } from './breakages.ts';
import type { DiskHabits } from './machine.ts';
import type { NetworkHabits } from './network.ts';

const faultKinds = [
  'kill',
  'restart',
  'powerLoss',
  'isolate',
  'split',
  'oneWay',
  'pause',
  'failFlush',
  'bridge',
  'tear',
  'reconfig',
  'stepDown',
  'wipe',
  'clock',
] as const;

export type FaultKind = (typeof faultKinds)[number];

export interface Setup {
  readonly members: number;
  /** What the configuration says of members beyond their name, by id. */
  readonly memberConfigs: Readonly<Record<number, Readonly<Record<string, unknown>>>>;
  readonly settings: Record<string, number | boolean>;
  readonly disk: DiskHabits;
  readonly network: NetworkHabits;
  readonly clients: number;
  /** A client thinks up to so long between two operations. */
  readonly thinkMs: number;
  /** How long faults go on. */
  readonly faultsMs: number;
  /** Mean time between two faults. */
  readonly faultEveryMs: number;
  readonly faults: readonly FaultKind[];
  /**
   * What every look at the clock of slices adds to it, at most, milliseconds: slices of plans, inserts, batches
   * and rollbacks end early, in places where fast machines never end them.
   */
  readonly workMs: number;
  readonly oplogBytesMax: number | undefined;
  readonly rules: RulesForTests | undefined;
  /** A step of the shell that is left out: see `breakages.ts`. */
  readonly breakage: Breakage | undefined;
  /** Every write is sent with `w: 1` and believed in like one of a majority: the negative control. */
  readonly trustsW1: boolean;
}

export function drawSetup(dice: Dice): Setup {
  const isWide = dice.chance(0.3);
  const isLossy = dice.chance(0.4);
  const isSlowDisk = dice.chance(0.3);
  const members = dice.pick([1, 2, 3, 3, 3, 3, 3, 4, 5, 5]);
  const kinds = dice.shuffled(faultKinds).slice(0, 1 + dice.below(faultKinds.length));
  return {
    members,
    memberConfigs: drawMemberConfigs(dice, members),
    settings: dice.chance(0.8)
      ? {}
      : {
          heartbeatIntervalMillis: 200,
          electionTimeoutMillis: 1000,
          catchUpTimeoutMillis: dice.pick([0, 500, 5000]),
        },
    disk: {
      flushMs: isSlowDisk ? 60 : 4,
      slowShare: dice.pick([0, 0, 0.02]),
      slowFlushMs: dice.pick([200, 1500]),
    },
    network: {
      latencyMs: isWide ? 20 : 0.2,
      jitterMs: isWide ? 40 : 1,
      lossShare: isLossy ? dice.pick([0.01, 0.1, 0.25]) : 0,
      lateShare: dice.pick([0, 0, 0.05]),
      lateMs: dice.pick([200, 3000]),
    },
    clients: 1 + dice.below(6),
    thinkMs: dice.pick([300, 1000, 3000]),
    faultsMs: 10_000 + dice.below(30_000),
    faultEveryMs: dice.pick([500, 1500, 4000]),
    faults: kinds,
    workMs: dice.pick([0, 0, 0.2, 3]),
    oplogBytesMax: dice.chance(0.15) ? dice.pick([6_000, 20_000]) : undefined,
    rules: undefined,
    breakage: undefined,
    trustsW1: false,
  };
}

/** The last member may be of a special kind; member 0 is always a plain one. */
function drawMemberConfigs(dice: Dice, members: number): Record<number, Record<string, unknown>> {
  const configs: Record<number, Record<string, unknown>> = {};
  if (members < 3) return configs;
  const last = members - 1;
  const kind = dice.fraction();
  if (kind < 0.12) configs[last] = { arbiterOnly: true };
  else if (kind < 0.24) configs[last] = { votes: 0, priority: 0, hidden: true };
  else if (kind < 0.34) configs[last] = { priority: 0, hidden: true, secondaryDelaySecs: 2 };
  if (dice.chance(0.25)) {
    for (let id = 0; id < members - 1; id++) configs[id] = { priority: 1 + dice.below(3) };
  }
  return configs;
}
