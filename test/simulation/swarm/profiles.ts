import type { Action, Ambush } from './plan.ts';

type ActionKind = Action['do'];
export type MemberKind =
  | 'plain'
  | 'preferred'
  | 'arbiter'
  | 'passive'
  | 'hidden'
  | 'delayed'
  | 'voteless'
  | 'unindexed';

/** What a run is drawn from: how likely each thing is. */
export interface Profile {
  readonly name: string;
  readonly actions: number;
  /** The longest pause between two actions, milliseconds; most are much shorter. */
  readonly pauseMillis: number;
  /** By number of members, in proportion. */
  readonly sizes: Readonly<Record<string, number>>;
  /** Shares of runs (0 to 1): with more than seven members; of equal, plain members; begun by `replSetInitiate`. */
  readonly huge: number;
  readonly plain: number;
  readonly initiated: number;
  /** Share of runs with a few links that are longer than the others. */
  readonly far: number;
  /** Share of runs in which members pull from the primary alone. */
  readonly unchained: number;
  /** The most entries that are written at once. */
  readonly burst: number;
  readonly lossy: number;
  /** Share of clocks that run fast or slow. */
  readonly drifting: number;
  readonly reconfigures: boolean;
  /** Longest one-way delays and flushes to choose from, milliseconds. */
  readonly delays: readonly number[];
  readonly flushes: readonly number[];
  /** What members are where they are not plain, in proportion. */
  readonly kinds: Readonly<Record<MemberKind, number>>;
  /** Each is laid in half of the runs. */
  readonly ambushes: readonly Ambush[];
  readonly weights: Readonly<Partial<Record<ActionKind, number>>>;
}

/** Everything at once. */
const everything: Profile = {
  name: 'everything',
  actions: 36,
  pauseMillis: 700,
  sizes: { 1: 1, 2: 2, 3: 20, 4: 4, 5: 8, 6: 1, 7: 2 },
  huge: 0.002,
  plain: 0.4,
  initiated: 0.2,
  far: 0.2,
  unchained: 0.2,
  burst: 3,
  lossy: 0.3,
  drifting: 0.3,
  reconfigures: true,
  delays: [1, 1, 5, 20],
  flushes: [1, 2, 10, 40],
  kinds: {
    plain: 10,
    preferred: 3,
    arbiter: 2,
    passive: 1,
    hidden: 1,
    delayed: 1,
    voteless: 1,
    unindexed: 0.3,
  },
  ambushes: [
    { on: 'vote', share: 0.1, withinMillis: 30, do: 'restart' },
    { on: 'commit', share: 0.02, withinMillis: 20, do: 'scatter' },
    { on: 'catchUp', share: 0.5, withinMillis: 10, do: 'loseSource' },
  ],
  weights: {
    write: 30,
    read: 6,
    restart: 4,
    crash: 9,
    start: 12,
    startAll: 2,
    powerCut: 1,
    partition: 10,
    cutLink: 4,
    heal: 8,
    clog: 3,
    pause: 3,
    resume: 5,
    drift: 1,
    jumpClock: 1,
    slowDisk: 1.5,
    failFlush: 1,
    failWrite: 1,
    wipe: 1.5,
    snapshot: 1,
    restore: 1,
    trim: 1.5,
    stepDown: 4,
    freeze: 1,
    maintenance: 2,
    syncFrom: 3,
    reconfig: 4,
    stranger: 0.5,
    replay: 3,
    standNow: 3,
  },
};

/** Small sets whose members lose power in the middle of votes and writes. */
const powerLoss: Profile = {
  ...everything,
  name: 'powerLoss',
  actions: 60,
  pauseMillis: 160,
  sizes: { 3: 6, 4: 1, 5: 2 },
  huge: 0,
  plain: 1,
  initiated: 0,
  drifting: 0,
  reconfigures: false,
  weights: { write: 30, crash: 26, start: 32, powerCut: 5, partition: 7, heal: 9, stepDown: 4 },
};

/** Votes and what becomes of those who give them: slow disks, late and doubled answers, restarts in the middle. */
const votes: Profile = {
  ...everything,
  name: 'votes',
  actions: 40,
  pauseMillis: 500,
  sizes: { 3: 5, 4: 1, 5: 5 },
  huge: 0,
  plain: 1,
  initiated: 0,
  lossy: 0.7,
  drifting: 0,
  reconfigures: false,
  delays: [20, 80, 200],
  flushes: [2, 40, 150],
  ambushes: [
    { on: 'vote', share: 0.5, withinMillis: 60, do: 'restart' },
    { on: 'vote', share: 0.2, withinMillis: 10, do: 'isolate' },
    { on: 'commit', share: 0.2, withinMillis: 30, do: 'scatter' },
    { on: 'catchUp', share: 0.5, withinMillis: 100, do: 'loseSource' },
  ],
  weights: {
    write: 10,
    restart: 12,
    stepDown: 14,
    partition: 8,
    cutLink: 8,
    heal: 12,
    start: 6,
    replay: 6,
    standNow: 8,
  },
};

/** Elections across partitions that never last long. */
const partitions: Profile = {
  ...everything,
  name: 'partitions',
  actions: 60,
  pauseMillis: 450,
  sizes: { 3: 4, 4: 1, 5: 5 },
  huge: 0,
  plain: 1,
  initiated: 0,
  drifting: 0,
  reconfigures: false,
  weights: {
    write: 40,
    read: 20,
    partition: 30,
    syncFrom: 6,
    cutLink: 6,
    heal: 10,
    stepDown: 6,
    pause: 4,
    resume: 6,
    clog: 4,
    crash: 3,
    start: 4,
  },
};

/** Data directories are lost, one after the other, while members crash. */
const lostDisks: Profile = {
  ...everything,
  name: 'lostDisks',
  ambushes: [
    { on: 'commit', share: 0.3, withinMillis: 20, do: 'wipeHolder' },
    { on: 'copy', share: 0.5, withinMillis: 10, do: 'isolate' },
    { on: 'vote', share: 0.1, withinMillis: 10, do: 'wipe' },
  ],
  actions: 50,
  pauseMillis: 500,
  sizes: { 2: 1, 3: 8, 4: 2, 5: 2 },
  huge: 0,
  plain: 0.6,
  kinds: { ...everything.kinds, plain: 5, arbiter: 5 },
  initiated: 0.3,
  reconfigures: false,
  weights: {
    write: 30,
    wipe: 14,
    snapshot: 4,
    restore: 6,
    crash: 12,
    start: 24,
    partition: 10,
    heal: 10,
    stepDown: 4,
  },
};

/** Members come and go, in the middle of everything. */
const membership: Profile = {
  ...everything,
  name: 'membership',
  actions: 50,
  pauseMillis: 600,
  sizes: { 1: 1, 2: 1, 3: 5, 4: 3, 5: 2 },
  huge: 0,
  initiated: 0.3,
  weights: {
    write: 20,
    reconfig: 30,
    partition: 10,
    heal: 12,
    crash: 6,
    start: 12,
    stepDown: 4,
    maintenance: 2,
    trim: 3,
    wipe: 1,
    replay: 2,
  },
};

/** Some are ahead of those who elect, others behind what anybody still keeps, and some are removed while they mend their logs. */
const stragglers: Profile = {
  ...everything,
  name: 'stragglers',
  actions: 50,
  pauseMillis: 500,
  sizes: { 3: 1, 4: 2, 5: 4, 6: 1 },
  huge: 0,
  plain: 0.1,
  initiated: 0,
  unchained: 0.8,
  burst: 20,
  drifting: 0,
  flushes: [1, 2],
  kinds: { ...everything.kinds, plain: 6, arbiter: 0, voteless: 6 },
  ambushes: [
    { on: 'doubt', share: 0.5, withinMillis: 2, do: 'clogSource' },
    { on: 'catchUp', share: 0.5, withinMillis: 10, do: 'loseSource' },
    { on: 'rollback', share: 0.7, withinMillis: 2, do: 'remove' },
    { on: 'copy', share: 0.3, withinMillis: 2, do: 'remove' },
  ],
  weights: {
    write: 50,
    strand: 14,
    crash: 10,
    restart: 4,
    start: 14,
    partition: 2,
    cutLink: 2,
    clog: 4,
    pause: 4,
    resume: 8,
    heal: 7,
    trim: 10,
    stepDown: 3,
    reconfig: 4,
    standNow: 20,
  },
};

export const profiles = {
  everything,
  votes,
  powerLoss,
  partitions,
  lostDisks,
  membership,
  stragglers,
} as const;
export type ProfileName = keyof typeof profiles;
