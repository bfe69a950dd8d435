import { compareGtids } from './gtid.ts';
import { configOf, type Member, membersOf, ownConfig, settingsOf } from './member.ts';
import { type MemberConfig, voteMajority } from './replica-set-config.ts';

/*
 * Who is thought to be there. Reach is counted by answers, never by mere receipt: a member that can
 * speak but not hear is not there.
 */

export function isUp(member: Member, id: number): boolean {
  const peer = member.peers[id];
  return peer?.connected === true && answeredLately(member, id);
}

function answeredLately(member: Member, id: number): boolean {
  const answeredAt = member.peers[id]?.answeredAt;
  const { electionTimeoutMillis } = settingsOf(member);
  return answeredAt !== undefined && member.now < answeredAt + electionTimeoutMillis;
}

/** A candidate asks with open connections only. */
export function seesMajority(member: Member): boolean {
  return hasMajority(member, isUp);
}

/** A primary does not give up because a connection broke: it counts answers within the election timeout. */
export function keepsMajority(member: Member): boolean {
  return hasMajority(member, answeredLately);
}

function hasMajority(member: Member, isThere: (member: Member, id: number) => boolean): boolean {
  const { self } = member;
  const config = configOf(member);
  let there = 0;
  for (const { _id, votes } of config.members)
    if (votes === 1 && (_id === self || isThere(member, _id))) there += 1;
  return there >= voteMajority(config);
}

/** The primary was heard within the election timeout and its connection has not closed since. */
export function hearsPrimary(member: Member): boolean {
  const { primary } = member;
  if (primary === undefined || primary.id === member.self) return false;
  if (member.peers[primary.id]?.connected !== true) return false;
  return member.now < primary.heardAt + settingsOf(member).electionTimeoutMillis;
}

/** G6: promises of a data directory other than the recorded one do not count. */
export function incarnationCounts(
  member: Member,
  config: MemberConfig,
  incarnation: string,
): boolean {
  if (!member.rules.incarnationsChecked || config.incarnation === undefined) return true;
  return config.incarnation === incarnation;
}

/** This member may stand for election, whatever the others do. */
export function mayStand(member: Member): boolean {
  const own = ownConfig(member);
  if (own === undefined || own.arbiterOnly || own.priority === 0) return false;
  if (!incarnationCounts(member, own, member.incarnation)) return false;
  const isQuiet = member.role.kind !== 'secondary' && member.role.kind !== 'candidate';
  if (isQuiet) return false;
  return member.now >= member.frozenUntil;
}

/** Another member, up and with a higher priority, that is at least as fresh as `lastEntry`. */
export function higherPriorityReady(
  member: Member,
  than: MemberConfig,
  lastEntry: Member['lastEntry'],
): number | undefined {
  for (const other of membersOf(member)) {
    if (other._id === member.self || other.priority <= than.priority) continue;
    const status = member.peers[other._id]?.status;
    if (status === undefined || !isUp(member, other._id) || !status.electable) continue;
    if (compareGtids(status.lastEntry, lastEntry) >= 0) return other._id;
  }
  const own = ownConfig(member);
  if (own === undefined || own._id === than._id || own.priority <= than.priority) return undefined;
  if (mayStand(member) && compareGtids(member.lastEntry, lastEntry) >= 0) return own._id;
  return undefined;
}
