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
   * Question 7.3: who sleeps after meeting its equal, and how long; and how long who lost holds back. `fixed`: all but the one
   * that ranks first, `tieSleepMinMillis` to `tieSleepMaxMillis`. `roundTrips`: the same members, but no shorter than the slowest round trip
   * known from heartbeats, and who lost no longer than it. `everybody`, as in the paper: the first one too, 50 to 1050 ms.
   */
  readonly tieSleep: 'fixed' | 'roundTrips' | 'everybody';
  /**
   * Question 7.4: to whom how often. `even`: to everybody every `heartbeatIntervalMillis`. `primaryOften`, the paper's
   * idea: from and to the primary twice as often, between the others in 2.5 times the interval. `othersRarely`: only the latter.
   */
  readonly heartbeats: 'even' | 'primaryOften' | 'othersRarely';
}

const defaultPolicies: Policies = {
  behindInDecidingRound: 'no',
  tieSleep: 'roundTrips',
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

/** Shortest and longest, milliseconds. */
export type MillisRange = readonly [shortest: number, longest: number];

/** How long a candidate sleeps that met its equal: the deciding round of the other one should reach it meanwhile. */
export function tieSleepRange(member: Member): MillisRange {
  const { tieSleepMinMillis, tieSleepMaxMillis } = settingsOf(member);
  const { tieSleep } = member.policies;
  if (tieSleep === 'everybody') return [50, 1050];
  if (tieSleep === 'fixed') return [tieSleepMinMillis, tieSleepMaxMillis];
  const millis = slowestRoundTrip(member);
  return [Math.max(tieSleepMinMillis, millis), Math.max(tieSleepMaxMillis, 2 * millis)];
}

/** How long a candidate holds back that lost for the first time: the others should have noticed meanwhile what it has. */
export function backOffRange(member: Member): MillisRange {
  if (member.policies.tieSleep !== 'roundTrips') return tieSleepRange(member);
  const { tieSleepMinMillis, tieSleepMaxMillis } = settingsOf(member);
  const millis = slowestRoundTrip(member);
  return [Math.min(tieSleepMinMillis, millis), Math.min(tieSleepMaxMillis, 2 * millis)];
}

function slowestRoundTrip(member: Member): number {
  return Math.max(...Object.values(member.peers).map(({ pingMillis }) => pingMillis ?? 0), 1);
}

/** How often this member asks that one, milliseconds. */
export function heartbeatIntervalTo(member: Member, id: number): number {
  const { heartbeatIntervalMillis } = settingsOf(member);
  const { primary, policies, self } = member;
  if (policies.heartbeats === 'even' || primary === undefined) return heartbeatIntervalMillis;
  if (primary.id !== id && primary.id !== self) return 2.5 * heartbeatIntervalMillis;
  return heartbeatIntervalMillis / (policies.heartbeats === 'primaryOften' ? 2 : 1);
}
