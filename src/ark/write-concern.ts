/*
 * Who must hold an entry before its writer is answered, and whether they do. Pure questions to the member's state: waiting
 * is the caller's. Every concern is monotone: whoever holds an entry holds everything before it.
 */
import { compareGtids, earlierGtid, type Gtid, laterGtid } from './gtid.ts';
import { configOf, type Member } from './member.ts';
import type { PositionFact } from './messages.ts';
import { countedPositions } from './progress.ts';
import { type MemberConfig, memberById, type ReplicaSetConfig } from './replica-set-config.ts';

/** Tag to number: so many different values of the tag must be among the holders. */
export type TagCounts = Readonly<Record<string, number>>;

/**
 * How many, or which, members must hold an entry. Every holder holds it durably, so `j` asks for nothing more. A string is
 * `majority` or a mode of `settings.getLastErrorModes`; a mode is a name for tags.
 */
export interface WriteConcern {
  readonly w: number | string | TagCounts;
  readonly j?: boolean;
}

/**
 * Whether the entry at `gtid`, which the caller knows to be in this primary's log, is held as asked. An entry of an older term is held
 * once one of this term that follows it is (G1). Key waiters by (term, opid) and fail them on `failWaiters` (G13).
 */
export function isSatisfied(member: Member, concern: WriteConcern, gtid: Gtid): boolean {
  if (concern.w === 0) return true;
  const reached = acknowledgedPosition(member, concern.w);
  return reached !== undefined && compareGtids(gtid, reached) <= 0;
}

/**
 * The newest position of the own log that is held as asked; undefined if none is, and on members that are not primary. Waiters
 * at or below it are done.
 */
export function acknowledgedPosition(member: Member, w: WriteConcern['w']): Gtid | undefined {
  const { role, commitPoint } = member;
  if (role.kind !== 'primary') return undefined;
  if (w === 'majority') return commitPoint;
  const config = configOf(member);
  const facts = countedPositions(member, role.term);
  if (typeof w === 'number')
    return nthNewest(
      facts.map((fact) => fact.position),
      w,
    );
  const tags = tagCounts(config, w);
  if (tags === undefined) return undefined;
  const reached = Object.entries(tags).map(([tag, count]) =>
    nthNewest([...newestByValue(config, facts, tag).values()], count),
  );
  return reached.reduce((low, position) =>
    low === undefined || position === undefined ? undefined : earlierGtid(low, position),
  );
}

/** Who can vote for an index build to be committed: members that vote and bear data. */
export function buildVoters(config: ReplicaSetConfig): readonly MemberConfig[] {
  return config.members.filter((one) => one.votes > 0 && !one.arbiterOnly);
}

/** The newest position of the own log that `count` of the build voters hold; see `acknowledgedPosition`. */
export function votersPosition(member: Member, count: number): Gtid | undefined {
  const { role } = member;
  if (role.kind !== 'primary') return undefined;
  const voters = new Set(buildVoters(configOf(member)).map(({ _id }) => _id));
  const facts = countedPositions(member, role.term).filter((fact) => voters.has(fact.member));
  return nthNewest(
    facts.map(({ position }) => position),
    count,
  );
}

/** Whether enough members exist at all. If not, waiting is pointless (MongoDB: UnsatisfiableWriteConcern, UnknownReplWriteConcern). */
export function canEverBeSatisfied(
  config: ReplicaSetConfig,
  { w }: WriteConcern,
): 'yes' | 'tooFewMembers' | 'tooFewTags' | 'unknownMode' {
  if (w === 'majority') return 'yes';
  const holders = config.members.filter((one) => !one.arbiterOnly);
  if (typeof w === 'number') return w <= holders.length ? 'yes' : 'tooFewMembers';
  const tags = tagCounts(config, w);
  if (tags === undefined) return 'unknownMode';
  const isPossible = Object.entries(tags).every(([tag, count]) => {
    const values = new Set(holders.flatMap((one: MemberConfig) => one.tags[tag] ?? []));
    return values.size >= atLeastOne(count);
  });
  return isPossible ? 'yes' : 'tooFewTags';
}

/** A mode without tags asks for nobody in particular, and is as unknown as one that is not there. */
function tagCounts(config: ReplicaSetConfig, w: string | TagCounts): TagCounts | undefined {
  const tags = typeof w === 'string' ? config.settings.getLastErrorModes[w] : w;
  return tags === undefined || Object.keys(tags).length === 0 ? undefined : tags;
}

/** How far the best holder with each value of the tag is. */
function newestByValue(
  config: ReplicaSetConfig,
  facts: readonly PositionFact[],
  tag: string,
): Map<string, Gtid> {
  const newest = new Map<string, Gtid>();
  for (const { member, position } of facts) {
    const value = memberById(config, member)?.tags[tag];
    if (value !== undefined) newest.set(value, laterGtid(newest.get(value) ?? position, position));
  }
  return newest;
}

function nthNewest(positions: readonly Gtid[], count: number): Gtid | undefined {
  return positions.toSorted((a, b) => compareGtids(b, a))[atLeastOne(count) - 1];
}

/** The primary itself always holds what it answers for. */
function atLeastOne(count: number): number {
  return Math.max(1, count);
}
