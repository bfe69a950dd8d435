import type { BoundsInput } from './bounds.ts';

/** Bounds that are worth a name. `npm run model-check -- --configuration NAME`. */
export interface Configuration {
  readonly name: string;
  readonly shows: string;
  readonly bounds: BoundsInput;
}

export const configurations: readonly Configuration[] = [
  {
    name: 'elections',
    shows: 'three members, three terms, two entries in a log',
    bounds: { terms: 3, entries: 2, also: ['lateRequests'] },
  },
  {
    name: 'logs',
    shows: 'longer logs',
    bounds: { terms: 3, entries: 3 },
  },
  {
    name: 'five',
    shows: 'five members',
    bounds: { members: 5, terms: 2, entries: 1 },
  },
  {
    name: 'powerLoss',
    shows: 'a crash that loses what was not flushed',
    bounds: { terms: 2, entries: 2, faults: { powerLosses: 1 } },
  },
  {
    name: 'lateFlush',
    shows: 'the same, and flushes reported after a rollback',
    bounds: { terms: 2, entries: 2, faults: { powerLosses: 1 }, also: ['lateFlushes'] },
  },
  {
    name: 'lostDisk',
    shows: 'a wiped disk',
    bounds: { terms: 3, entries: 2, faults: { wipes: 1 } },
  },
  {
    name: 'twoLostDisks',
    shows: 'two wiped disks',
    bounds: { terms: 2, entries: 2, faults: { wipes: 2 }, also: ['lateRequests'] },
  },
  {
    name: 'admissions',
    shows:
      'a wiped disk, whose member comes to count again while votes of the old one are under way',
    bounds: { terms: 3, entries: 2, faults: { wipes: 1 }, also: ['admissions'] },
  },
  {
    name: 'arbiter',
    shows: 'the same in a set of primary, secondary and arbiter',
    bounds: {
      members: 2,
      arbiters: 1,
      terms: 3,
      entries: 2,
      faults: { wipes: 1 },
      also: ['admissions'],
    },
  },
  {
    name: 'resync',
    shows: 'an oplog too old to follow, and restarts',
    bounds: { terms: 2, entries: 3, faults: { resyncs: 1, restarts: 1 } },
  },
  {
    name: 'restarts',
    shows: 'restarts, and answers to former ballots',
    bounds: { terms: 3, entries: 2, faults: { restarts: 1 }, also: ['lateAnswers'] },
  },
  {
    name: 'commitPoints',
    shows: 'what majority reads see',
    bounds: { terms: 3, entries: 2, also: ['commitPoints'] },
  },
  {
    name: 'catchUp',
    shows: 'primaries that first pull what others have, and terms heard of by gossip',
    bounds: { terms: 3, entries: 2, also: ['catchUp', 'gossip'] },
  },
  {
    name: 'nonVoters',
    shows: 'a member without a vote',
    bounds: { nonVoters: 1, terms: 2, entries: 2, also: ['lateRequests'] },
  },
  {
    name: 'reconfigs',
    shows: 'a member that is given the vote, or loses it, twice',
    bounds: { terms: 2, entries: 2, faults: { reconfigs: 2 } },
  },
  {
    name: 'newVoter',
    shows: 'one that had none from the beginning',
    bounds: { nonVoters: 1, terms: 2, entries: 1, faults: { reconfigs: 2 } },
  },
  {
    name: 'speculative',
    shows: 'the speculative round before each ballot',
    bounds: { terms: 2, entries: 2, also: ['speculative', 'lateRequests'] },
  },
];

export function configurationNamed(name: string): Configuration {
  const found = configurations.find((one) => one.name === name);
  if (found === undefined)
    throw new Error(
      `no configuration ${name}: ${configurations.map((one) => one.name).join(', ')}`,
    );
  return found;
}
