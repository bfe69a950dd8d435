import {
  gtidsEqual,
  isInitialGtid,
  type SpeculativeVoteAnswer,
  type VoteAnswer,
} from '../../../src/ark/index.ts';
import { cancelLease, takeLease } from './lease.ts';
import { postCheck } from './manager.ts';
import { mayStand, peersOf, totalVotes, votesOf, wallSecond } from './member.ts';
import { become } from './relinquish.ts';
import {
  answerTimeoutMillis,
  electionLimitSeconds,
  sendAgainMillis,
  startGraceMillis,
  tieSleepMillis,
} from './rules.ts';
import { log, send, type Turn } from './turn.ts';
import { isVeto } from './vote.ts';

/** The candidate's side ([P] 2.5; [M] consensus). Each round waits until all that were asked have answered or failed to. */
export type ElectionPhase = FreshPhase | SleepPhase | ElectPhase;

interface Round<A> {
  readonly attempt: string;
  readonly startedAt: number;
  sentAt: number;
  /** Not heard of yet. */
  pending: number[];
  readonly answers: Record<number, A>;
}

/** `replSetFresh` is on its way to all that may be up. */
interface FreshPhase extends Round<SpeculativeVoteAnswer> {
  readonly name: 'fresh';
  /** Somebody who was asked did not answer. */
  isMissingSome: boolean;
}

/** Somebody else is exactly as good. */
interface SleepPhase {
  readonly name: 'sleep';
  readonly until: number;
}

/** `replSetElect` is on its way. */
interface ElectPhase extends Round<VoteAnswer> {
  readonly name: 'elect';
  readonly startedAtSecond: number;
}

export function stand(turn: Turn): void {
  const { member } = turn;
  if (isInitialGtid(member.lastEntry)) return;
  const round = newRound<SpeculativeVoteAnswer>(turn);
  member.manager.election = { name: 'fresh', ...round, isMissingSome: false };
  log(turn, 'asksWhetherFreshest', { asked: round.pending.length });
  ask(turn, member.manager.election);
  finishIfAllAnswered(turn);
}

/** Everybody not known to be down is asked. */
function newRound<A>({ member }: Turn): Round<A> {
  const pending = peersOf(member)
    .filter(({ known }) => known.health !== 'down')
    .map(({ id }) => id);
  const attempt = `${member.startedAt}.${member.nextSequence++}`;
  return { attempt, startedAt: member.now, sentAt: member.now, pending, answers: {} };
}

function ask(turn: Turn, round: FreshPhase | ElectPhase): void {
  const { lastEntry, now } = turn.member;
  const { attempt, pending, name } = round;
  round.sentAt = now;
  for (const id of pending)
    if (name === 'fresh') send(turn, id, { kind: 'speculativeVoteRequest', attempt, lastEntry });
    else
      send(turn, id, {
        kind: 'voteRequest',
        attempt,
        electionTermId: 0,
        lastEntry,
        handoff: false,
      });
}

export function roundAnswered(turn: Turn, answer: SpeculativeVoteAnswer | VoteAnswer): void {
  const { election } = turn.member.manager;
  if (election === undefined || election.name === 'sleep') return;
  const isOurs = election.attempt === answer.attempt && election.pending.includes(answer.from);
  const { answers }: { answers: Record<number, SpeculativeVoteAnswer | VoteAnswer> } = election;
  if (!isOurs) return;
  answers[answer.from] = answer;
  election.pending = election.pending.filter((id) => id !== answer.from);
  finishIfAllAnswered(turn);
}

/** The connection to that member is gone: its answer will not come. */
export function roundLost(turn: Turn, id: number): void {
  const { election } = turn.member.manager;
  if (election === undefined || election.name === 'sleep' || !election.pending.includes(id)) return;
  election.pending = election.pending.filter((one) => one !== id);
  if (election.name === 'fresh') election.isMissingSome = true;
  finishIfAllAnswered(turn);
}

/** Time has passed. */
export function continueElection(turn: Turn): void {
  const { member } = turn;
  const { election } = member.manager;
  if (election === undefined) return;
  if (election.name === 'sleep') {
    if (member.now < election.until) return;
    member.manager.election = undefined;
    // What came in meanwhile is looked at first.
    postCheck(turn);
  } else if (member.now >= election.startedAt + answerTimeoutMillis) {
    if (election.name === 'fresh' && election.pending.length > 0) election.isMissingSome = true;
    election.pending = [];
    finishIfAllAnswered(turn);
  } else if (member.now >= election.sentAt + sendAgainMillis) ask(turn, election);
}

/** When the election has something to do by itself. */
export function electionDeadline({ member }: { member: Turn['member'] }): number {
  const { election } = member.manager;
  if (election === undefined) return Number.POSITIVE_INFINITY;
  if (election.name === 'sleep') return election.until;
  return Math.min(election.startedAt + answerTimeoutMillis, election.sentAt + sendAgainMillis);
}

function finishIfAllAnswered(turn: Turn): void {
  const { election } = turn.member.manager;
  if (election === undefined || election.name === 'sleep' || election.pending.length > 0) return;
  if (election.name === 'fresh') finishFresh(turn, election);
  else finishElect(turn, election);
}

/**
 * Goes on unless somebody is fresher or would veto. That a majority has answered at all is not asked (SERVER-14531). A young
 * process goes on only if all have answered.
 */
function finishFresh(turn: Turn, round: FreshPhase): void {
  const { member } = turn;
  const { manager, self } = member;
  manager.election = undefined;
  const answers = Object.values(round.answers);
  const refusal = answers.find(({ verdict }) => verdict !== 'yes');
  if (refusal !== undefined) {
    log(turn, 'doesNotStand', { because: `n${refusal.from}: ${refusal.because}` });
    return;
  }
  if (round.isMissingSome && member.now - member.startedAt < startGraceMillis) {
    log(turn, 'doesNotStand', { because: 'not all have answered, and it has started lately' });
    return;
  }
  const isTied = answers.some(({ lastEntry }) => gtidsEqual(lastEntry, member.lastEntry));
  if (isTied && self !== 0 && !manager.sleptLast) {
    manager.sleptLast = true;
    const [shortest, range] = tieSleepMillis;
    manager.election = { name: 'sleep', until: member.now + shortest + member.random * range };
    return;
  }
  manager.sleptLast = false;
  elect(turn);
}

function elect(turn: Turn): void {
  const { member } = turn;
  if (!takeLease(member, member.self)) {
    log(turn, 'doesNotStand', { because: `it has said yes to n${member.lease?.who} lately` });
    return;
  }
  const round = newRound<VoteAnswer>(turn);
  member.manager.election = { name: 'elect', ...round, startedAtSecond: wallSecond(member) };
  log(turn, 'asksForVotes', { asked: round.pending.length });
  ask(turn, member.manager.election);
  finishIfAllAnswered(turn);
}

function finishElect(turn: Turn, round: ElectPhase): void {
  const { member } = turn;
  member.manager.election = undefined;
  const answers = Object.values(round.answers);
  const yes = answers.filter(({ granted }) => granted).map(({ from }) => from);
  const tally = votesOf(member, [member.self, ...yes]);
  const isWon = tally * 2 > totalVotes(member) && !answers.some(isVeto);
  const isInTime = wallSecond(member) - round.startedAtSecond <= electionLimitSeconds;
  if (isWon && isInTime && mayStand(member)) assumePrimary(turn);
  else {
    cancelLease(member);
    log(turn, 'electionLost', { votes: tally, vetoes: answers.filter(isVeto).length });
  }
}

/** Nothing is written: the first entry of the tenure is the first client's. */
function assumePrimary(turn: Turn): void {
  const { member } = turn;
  const { lastEntry } = member;
  member.primary = member.self;
  member.opensTerm = true;
  const second = Math.max(wallSecond(member), lastEntry.term);
  member.electionTime = { term: second, opid: second === lastEntry.term ? lastEntry.opid + 1 : 1 };
  become(turn, 'primary', 'elected');
}
