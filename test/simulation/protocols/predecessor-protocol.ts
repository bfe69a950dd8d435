import { compareGtids, type Gtid } from '../../../src/ark/index.ts';
import { contains, type Log, lastGtid } from '../world/log.ts';
import type { MemberView, Protocol, PullVerdict } from '../world/protocol.ts';
import { createPredecessor, type PredecessorMember } from './member.ts';
import { isHeldAsAsked } from './progress.ts';
import { type PredecessorRules, startGraceMillis } from './rules.ts';
import { nextDeadline, step } from './step.ts';

/**
 * A protocol before Ark, for the world to run. Processes that start with the world have been up for long: the rule for young ones is for those
 * that start later.
 */
export function predecessorProtocol(rules: PredecessorRules): Protocol<PredecessorMember> {
  return {
    name: rules.name,
    create: (options) => {
      const member = createPredecessor(rules, options);
      if (options.now === 0) member.startedAt = -startGraceMillis;
      return member;
    },
    step,
    nextDeadline,
    view,
    nextGtid,
    isAcknowledged: isHeldAsAsked,
    comparePull,
  };
}

/** What these protocols do not have (terms voted in, a commit point) is told as zero. */
function view(member: PredecessorMember): MemberView {
  const { state, lastEntry, lastDurable, config } = member;
  return {
    role: state,
    term: termOf(member),
    isWritable: state === 'primary',
    lastEntry,
    lastDurable,
    commitPoint: { term: 0, opid: 0 },
    maxVotedTermId: 0,
    maxKnownTermId: 0,
    config,
    acknowledged: undefined,
  };
}

function termOf({ state, rules, electionTime, opensTerm, lastEntry }: PredecessorMember): number {
  if (state === 'primary' && rules.positions === 'wallClock') return electionTime.term;
  return lastEntry.term + (opensTerm ? 1 : 0);
}

/** [P] 2.4.1. */
function nextGtid(member: PredecessorMember, last: Gtid, wallSeconds: number): Gtid {
  if (member.rules.positions === 'gtid')
    return member.opensTerm
      ? { term: last.term + 1, opid: 0 }
      : { term: last.term, opid: last.opid + 1 };
  // A clock that is behind the own log waits for it, counting.
  const second = Math.max(wallSeconds, last.term);
  return { term: second, opid: second === last.term ? last.opid + 1 : 1 };
}

/** The puller asks for everything from its last entry on; the first thing it gets must be that entry [M]. */
function comparePull(source: PredecessorMember, sourceLog: Log, position: Log): PullVerdict {
  if (position === undefined || contains(sourceLog, position)) return 'follows';
  const isBehind = compareGtids(lastGtid(sourceLog), position.gtid) < 0;
  return isBehind && !source.rules.rollsBackToSourceBehind ? 'nothing' : 'diverged';
}
