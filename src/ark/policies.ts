import { type Member, settingsOf } from './member.ts';
import type { VoteRefusal } from './messages.ts';

/*
 * What the paper leaves open (section 7): choices that change how soon and how quietly a primary is found, never whether
 * something acknowledged is kept. The defaults are what `npm run measure` found best; docs/elections.md has the figures.
 */

export interface Policies {
  /**
   * Question 7.1: what a voter with more in its log does to the deciding round. `no`: its vote is missing, others may be
   * enough. `veto`, as in the paper: one such answer ends the round.
   */
  readonly behindInDecidingRound: 'no' | 'veto';
  /**
   * Question 7.3: who sleeps after meeting its equal, and how long. `ranked`: all but the one that ranks first,
   * `tieSleepMinMillis` to `tieSleepMaxMillis`. `roundTrips`: the same members, one to two of the slowest round trips known
   * from heartbeats. `everybody`, as in the paper: the first one too, 50 to 1050 ms.
   */
  readonly tieSleep: 'ranked' | 'roundTrips' | 'everybody';
  /**
   * Question 7.4: to whom how often. `even`: to everybody every `heartbeatIntervalMillis`. `primaryOften`, the paper's
   * idea: from and to the primary twice as often, between the others in 2.5 times the interval.
   */
  readonly heartbeats: 'even' | 'primaryOften';
}

const defaultPolicies: Policies = {
  behindInDecidingRound: 'no',
  tieSleep: 'ranked',
  heartbeats: 'even',
};

/** How a measurement asks for another choice; there is no other way to make one. */
export interface PoliciesForTests extends Partial<Policies> {
  readonly testOnly: true;
}

export function policiesOf(forTests: PoliciesForTests | undefined): Policies {
  if (forTests === undefined) return defaultPolicies;
  if (forTests.testOnly !== true) throw new Error('Policies can be chosen in tests only');
  const { testOnly: _, ...chosen } = forTests;
  return { ...defaultPolicies, ...chosen };
}

/** Whether this refusal ends the deciding round whatever the other voters say. */
export function endsDecidingRound(member: Member, because: VoteRefusal | undefined): boolean {
  return member.policies.behindInDecidingRound === 'veto' && because === 'candidateIsBehind';
}

/** Whether a candidate also sleeps for equals that rank after it. */
export function sleepsForAnyEqual(member: Member): boolean {
  return member.policies.tieSleep === 'everybody';
}

/** Shortest and longest sleep of a candidate that met its equal or lost, milliseconds. */
export function tieSleepRange(member: Member): readonly [number, number] {
  const { tieSleepMinMillis, tieSleepMaxMillis } = settingsOf(member);
  switch (member.policies.tieSleep) {
    case 'ranked':
      return [tieSleepMinMillis, tieSleepMaxMillis];
    case 'everybody':
      return [50, 1050];
    case 'roundTrips': {
      const pings = Object.values(member.peers).map(({ pingMillis }) => pingMillis ?? 0);
      const slowest = Math.max(1, ...pings);
      return [slowest, 2 * slowest];
    }
  }
}

/** How often this member asks that one, milliseconds. */
export function heartbeatIntervalTo(member: Member, id: number): number {
  const { heartbeatIntervalMillis } = settingsOf(member);
  const { primary, policies, self } = member;
  if (policies.heartbeats === 'even' || primary === undefined) return heartbeatIntervalMillis;
  const isWithPrimary = primary.id === id || primary.id === self;
  return heartbeatIntervalMillis * (isWithPrimary ? 0.5 : 2.5);
}
