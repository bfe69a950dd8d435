import {
  buildVoters,
  compareGtids,
  createMember,
  type Gtid,
  isSatisfied,
  isWritable,
  type Member,
  nextDeadline,
  type PoliciesForTests,
  type SafetyRules,
  step,
  votersPosition,
  type WriteConcern,
} from '../../../src/ark/index.ts';
import { contains, type Log, lastGtid } from './log.ts';
import type { MemberView, Protocol, PullVerdict } from './protocol.ts';

/** The shipped core, with some of its safety rules off and other than the default policies if asked. */
export function arkProtocol(
  off: readonly (keyof SafetyRules)[] = [],
  chosen: Omit<PoliciesForTests, 'testOnly'> = {},
): Protocol<Member> {
  const testOnly = true as const;
  const rules = off.length === 0 ? {} : { rules: { testOnly, off } };
  const policies = Object.keys(chosen).length === 0 ? {} : { policies: { testOnly, ...chosen } };
  return {
    name: off.length === 0 ? 'Ark' : `Ark without ${off.join(', ')}`,
    create: (options) => createMember({ ...options, ...rules, ...policies }),
    step,
    nextDeadline,
    view,
    nextGtid,
    isAcknowledged,
    heldByBuildVoters,
    comparePull,
  };
}

function view(member: Member): MemberView {
  const {
    role,
    maxVotedTermId,
    maxKnownTermId,
    lastEntry,
    lastDurable,
    commitPoint,
    config,
    self,
  } = member;
  return {
    role: role.kind,
    term: role.kind === 'primary' ? role.term : maxKnownTermId,
    isWritable: isWritable(member),
    lastEntry,
    lastDurable,
    commitPoint,
    maxVotedTermId,
    maxKnownTermId,
    config,
    acknowledged: self === undefined ? undefined : member.progress[self],
  };
}

/** Positions are (term, opid): no clock is asked. */
function nextGtid({ role }: Member, last: Gtid): Gtid {
  if (role.kind !== 'primary') throw new Error('only a primary hands out positions');
  const { term } = role;
  return last.term === term ? { term, opid: last.opid + 1 } : { term, opid: 0 };
}

/** Waiters are keyed by (term, opid) and fail with their tenure (G13). */
function isAcknowledged(member: Member, concern: WriteConcern, gtid: Gtid, term: number): boolean {
  if (member.role.kind !== 'primary' || member.role.term !== term) return false;
  return isSatisfied(member, concern, gtid);
}

function heldByBuildVoters(member: Member): Gtid | undefined {
  const { config } = member;
  return config === undefined ? undefined : votersPosition(member, buildVoters(config).length);
}

function comparePull(source: Member, sourceLog: Log, position: Log): PullVerdict {
  if (position === undefined) return 'follows';
  if (contains(sourceLog, position)) return 'follows';
  const isAhead = compareGtids(lastGtid(sourceLog), position.gtid) > 0;
  return isAhead || !source.rules.rollbackOnlyForward ? 'diverged' : 'nothing';
}
