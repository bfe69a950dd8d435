import { incarnationCounts } from './liveness.ts';
import { configOf, type Member } from './member.ts';
import {
  compareConfigVersions,
  configVersionOf,
  type MemberConfig,
  voteMajority,
  votersOf,
} from './replica-set-config.ts';

/*
 * When a configuration has taken the place of those before it: when so many voters hold it that no majority of an older one is left without
 * one of them, and a voter refuses candidates whose configuration is older than its own. Only the recorded data directory of a member
 * counts as a holder (G6): a vote that one gave before it was lost may still be under way to a candidate with an older configuration, and
 * what its successor holds takes that vote from nobody.
 */

/**
 * Of n voters, where m are a majority, m holders meet each majority of a configuration that differs in one voter; n - m + 1 each majority of the
 * same voters. They differ for even n only: so a set of two whose secondary has lost its disk, or whose arbiter has, gets on with
 * the primary alone, without which nobody was ever elected. That the voters are the same is known of those configurations that the primary
 * made, recording data directories, out of one that m held (`settledVersion`: such steps do not change the version).
 */
export function isConfigHeld(member: Member): boolean {
  const { role } = member;
  const config = configOf(member);
  const majority = voteMajority(config);
  const isSettled = role.kind === 'primary' && role.settledVersion === config.version;
  const needed = isSettled ? votersOf(config).length - majority + 1 : majority;
  return countHolders(member) >= needed;
}

/** For as long as this tenure lasts, and nobody changes who votes. */
export function noteSettledVoters(member: Member): void {
  const { role } = member;
  if (role.kind !== 'primary') return;
  const config = configOf(member);
  if (role.settledVersion === config.version) return;
  if (countHolders(member) >= voteMajority(config)) role.settledVersion = config.version;
}

/** Voters known to hold the configuration in use. */
function countHolders(member: Member): number {
  let holders = 0;
  for (const one of configOf(member).members)
    if (one.votes === 1 && holdsConfig(member, one)) holders += 1;
  return holders;
}

function holdsConfig(member: Member, one: MemberConfig): boolean {
  const { self, peers } = member;
  const peer = one._id === self ? member : peers[one._id];
  const held = one._id === self ? member.durableConfig : peers[one._id]?.config;
  if (peer?.incarnation === undefined || held === undefined) return false;
  const { recordedHoldConfigs } = member.rules;
  if (recordedHoldConfigs && !incarnationCounts(member, one, peer.incarnation)) return false;
  return compareConfigVersions(held, configVersionOf(configOf(member))) === 0;
}
