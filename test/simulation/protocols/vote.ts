import {
  compareGtids,
  type SpeculativeVoteAnswer,
  type SpeculativeVoteRequest,
  type VoteAnswer,
  type VoteRequest,
} from '../../../src/ark/index.ts';
import { freshestOther, isOutranked } from './electable.ts';
import { takeLease } from './lease.ts';
import { configOf } from './member.ts';
import { log, send, type Turn } from './turn.ts';

/*
 * The voter's side of both rounds. In the deciding round a veto counts minus ten thousand votes [M]; messages say it by `because`.
 */

/** `fresher`: "I know somebody with a longer log"; said as a no here. */
type Verdict = Pick<SpeculativeVoteAnswer, 'verdict' | 'because'>;

/**
 * `replSetFresh` ([P] 2.5, the speculative election): does anybody know a longer log, would anybody veto? Whether the voter is still bound
 * by a yes it gave is not told (SERVER-14382).
 */
export function answerFresh(turn: Turn, request: SpeculativeVoteRequest): void {
  const { member } = turn;
  send(turn, request.from, {
    kind: 'speculativeVoteAnswer',
    attempt: request.attempt,
    ...verdictOn(turn, request),
    maxVotedTermId: 0,
    lastEntry: member.lastEntry,
    canStand: configOf(member, member.self).priority > 0,
  });
}

function verdictOn(turn: Turn, { from, lastEntry }: SpeculativeVoteRequest): Verdict {
  const { member } = turn;
  const isBehind =
    compareGtids(lastEntry, member.lastEntry) < 0 ||
    compareGtids(lastEntry, freshestOther(member)) < 0;
  if (isBehind) return { verdict: 'no', because: 'candidateIsBehind' };
  const { primary, self } = member;
  const known = member.peers[from]!.known.lastEntry;
  if (primary === self && compareGtids(member.lastEntry, known) >= 0)
    return { verdict: 'veto', because: 'voterIsPrimary' };
  // What is compared is what heartbeats have shown of both, not what the candidate says of itself.
  if (
    primary !== undefined &&
    primary !== self &&
    primary !== from &&
    compareGtids(member.peers[primary]!.known.lastEntry, known) >= 0
  )
    return { verdict: 'veto', because: 'voterHeardPrimary' };
  if (isOutranked(member, from)) return { verdict: 'veto', because: 'higherPriorityIsReady' };
  if (!member.electable.includes(from)) return { verdict: 'veto', because: 'voterCannotVote' };
  return { verdict: 'yes' };
}

/**
 * `replSetElect` ([P] 2.5, the authoritative election): a veto if a primary is known or somebody of higher priority could lead; no if
 * bound by a yes to somebody else; else yes. "The replica doesn't bother looking at the oplog's position before voting yes."
 */
export function answerElect(turn: Turn, request: VoteRequest): void {
  const { member } = turn;
  const { from, attempt } = request;
  const because = refusalOf(turn, from);
  log(turn, because === undefined ? 'votesYes' : 'votesNo', { for: `n${from}`, because });
  send(turn, from, {
    kind: 'voteAnswer',
    attempt,
    electionTermId: 0,
    granted: because === undefined,
    ...(because === undefined ? {} : { because }),
    lastEntry: member.lastEntry,
  });
}

function refusalOf({ member }: Turn, from: number): VoteAnswer['because'] {
  if (member.primary === member.self) return 'voterIsPrimary';
  if (member.primary !== undefined) return 'voterHeardPrimary';
  if (isOutranked(member, from)) return 'higherPriorityIsReady';
  return takeLease(member, from) ? undefined : 'termIsNotNew';
}

/** A veto ends the election whatever the others say; a plain no only adds nothing. */
export function isVeto({ granted, because }: VoteAnswer): boolean {
  return !granted && because !== 'termIsNotNew';
}
