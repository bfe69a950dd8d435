import { abandonCandidacy, becomeCandidate, becomePrimary, losePrimary } from './become.ts';
import { beginCatchUp } from './catch-up.ts';
import { compareGtids } from './gtid.ts';
import { sendHeartbeats } from './heartbeat.ts';
import { hearsPrimary, incarnationCounts, isUp, mayStand, seesMajority } from './liveness.ts';
import { configOf, type Member, ownConfig, selfOf, settingsOf } from './member.ts';
import type { SpeculativeVoteAnswer, StandNow, VoteAnswer } from './messages.ts';
import {
  backOffRange,
  endsDecidingRound,
  type MillisRange,
  sleepsForAnyEqual,
  tieSleepRange,
} from './policies.ts';
import { installOwnTerm } from './reconfig.ts';
import {
  compareConfigVersions,
  configVersionOf,
  type MemberConfig,
  memberById,
  type ReplicaSetConfig,
  voteMajority,
  votersOf,
} from './replica-set-config.ts';
import {
  isSecondary,
  type OwnVotePhase,
  type PrimaryRole,
  type SpeculativePhase,
  type VotingPhase,
} from './role.ts';
import { waitBeforeStanding } from './terms.ts';
import { addressOf, log, send, type Turn } from './turn.ts';
import { castVote, ranksBefore } from './vote.ts';

/*
 * The candidate: speculative round, perhaps a sleep, voting round, own vote, primary.
 *
 * Until the own vote is cast nothing has changed here, so a candidate that cannot win leaves no trace and an isolated
 * member never raises a term. The own vote is cast last, after enough others have said yes. What would make a ballot void ends
 * the candidacy at once (a higher term, a vote for another, another configuration, another role), so nothing is left to be
 * asked after the count.
 */

/** Run after every input: stands if nobody leads and this member may and can. */
export function considerStanding(turn: Turn): void {
  const { member } = turn;
  if (member.role.kind !== 'secondary' || member.now < member.standNotBefore) return;
  if (hearsPrimary(member) || !mayStand(member) || !seesMajority(member)) return;
  // Voters compare configurations; ours may be claimed once it is on disk.
  if (compareConfigVersions(member.durableConfig, configVersionOf(member.config)) < 0) return;
  startSpeculativeRound(turn);
}

/** The phases that wait for time to pass. */
export function tickCandidate(turn: Turn): void {
  const { member } = turn;
  if (member.role.kind !== 'candidate') return;
  const { phase } = member.role;
  const waitMillis = settingsOf(member).electionTimeoutMillis / 2;
  switch (phase.name) {
    case 'speculative':
      if (member.now >= phase.startedAt + waitMillis) finishSpeculativeRound(turn, phase);
      break;
    case 'tie':
      if (member.now >= phase.until) abandonCandidacy(turn, 'sleptOverTie');
      break;
    case 'handoff':
      if (member.now >= phase.until || compareGtids(member.lastEntry, phase.catchUpTo) >= 0)
        startVoting(turn, nextTerm(member, []), true);
      break;
    case 'voting':
      if (member.now >= phase.startedAt + waitMillis) loseElection(turn, 'noMajorityInTime');
      break;
    case 'ownVote':
      break;
  }
}

function startSpeculativeRound(turn: Turn): void {
  const { member } = turn;
  const attempt = newAttempt(member);
  const { lastEntry, now } = member;
  const phase: SpeculativePhase = {
    name: 'speculative',
    attempt,
    startedAt: now,
    lastEntry,
    answers: {},
  };
  becomeCandidate(turn, phase);
  log(turn, 'speculativeRound', { attempt, lastEntry: `(${lastEntry.term},${lastEntry.opid})` });
  for (const id of peerIds(member))
    send(turn, addressOf(member, id), { kind: 'speculativeVoteRequest', attempt, lastEntry });
  finishWhenAllAnswered(turn, phase);
}

export function onSpeculativeVoteAnswer(turn: Turn, answer: SpeculativeVoteAnswer): void {
  const { member } = turn;
  const peer = member.peers[answer.from];
  if (peer === undefined) return;
  if (answer.verdict === 'veto') peer.vetoingSince ??= member.now;
  else peer.vetoingSince = undefined;
  if (member.role.kind !== 'candidate' || member.role.phase.name !== 'speculative') return;
  const { phase } = member.role;
  if (answer.attempt !== phase.attempt) return;
  phase.answers[answer.from] ??= answer;
  finishWhenAllAnswered(turn, phase);
}

/** Whoever is not up is asked but not waited for. */
function finishWhenAllAnswered(turn: Turn, phase: SpeculativePhase): void {
  const { member } = turn;
  const isMissing = (id: number) => phase.answers[id] === undefined && isUp(member, id);
  if (!peerIds(member).some(isMissing)) finishSpeculativeRound(turn, phase);
}

function finishSpeculativeRound(turn: Turn, phase: SpeculativePhase): void {
  const { member } = turn;
  const answers = Object.values(phase.answers);
  const veto = answers.find(
    (answer) => answer.verdict === 'veto' && vetoCounts(member, answer.from),
  );
  if (veto !== undefined) {
    loseElection(turn, `vetoBy${veto.from}:${veto.because}`);
    return;
  }
  const yes = answers.filter((answer) => answer.verdict === 'yes' && voteCounts(member, answer));
  if (yes.length + 1 < voteMajority(configOf(member))) {
    loseElection(turn, 'noSpeculativeMajority');
    return;
  }
  const isBetterEqual = (answer: SpeculativeVoteAnswer) =>
    answer.canStand &&
    compareGtids(answer.lastEntry, phase.lastEntry) === 0 &&
    (ranksBefore(member, answer.from, selfOf(member)) || sleepsForAnyEqual(member));
  if (!member.sleptLast && answers.some(isBetterEqual)) {
    sleepOverTie(turn);
    return;
  }
  startVoting(turn, nextTerm(member, answers), false);
}

/** Rule `vetoPause`: nobody can veto for longer than an election timeout without a pause. */
function vetoCounts(member: Member, id: number): boolean {
  const since = member.peers[id]?.vetoingSince ?? member.now;
  return member.now - since < settingsOf(member).electionTimeoutMillis;
}

/** The paper's sleep, which keeps equal candidates from splitting the votes for ever. Every other attempt does not sleep. */
function sleepOverTie(turn: Turn): void {
  const { member } = turn;
  const until = member.now + drawMillis(member, tieSleepRange(member));
  member.sleptLast = true;
  log(turn, 'tieSleep', { millis: Math.round(until - member.now) });
  becomeCandidate(turn, { name: 'tie', until });
}

function startVoting(turn: Turn, electionTermId: number, handoff: boolean): void {
  const { member } = turn;
  const attempt = newAttempt(member);
  const { lastEntry, now, durableConfig } = member;
  member.sleptLast = false;
  const phase: VotingPhase = {
    name: 'voting',
    attempt,
    handoff,
    electionTermId,
    lastEntry,
    startedAt: now,
    yes: [],
    no: [],
  };
  becomeCandidate(turn, phase);
  if (compareConfigVersions(durableConfig, configVersionOf(member.config)) < 0) {
    loseElection(turn, 'configNotYetDurable');
    return;
  }
  log(turn, 'votingRound', { attempt, term: electionTermId, handoff });
  for (const id of peerIds(member)) {
    const body = { kind: 'voteRequest', attempt, electionTermId, lastEntry, handoff } as const;
    send(turn, addressOf(member, id), body);
  }
  castOwnVoteWhenEnough(turn, phase);
}

export function onVoteAnswer(turn: Turn, answer: VoteAnswer): void {
  const { member } = turn;
  const status = member.peers[answer.from]?.status;
  if (status !== undefined && compareGtids(answer.lastEntry, status.lastEntry) > 0)
    member.peers[answer.from]!.status = { ...status, lastEntry: answer.lastEntry };
  if (member.role.kind !== 'candidate' || member.role.phase.name !== 'voting') return;
  const { phase } = member.role;
  const perVoter = member.rules.votesCountedPerVoter;
  const isOfThisBallot =
    answer.attempt === phase.attempt && answer.electionTermId === phase.electionTermId;
  if (perVoter && (!isOfThisBallot || phase.yes.includes(answer.from))) return;
  if (!voteCounts(member, answer)) return;
  if (endsDecidingRound(member, answer.because)) {
    loseElection(turn, `vetoBy${answer.from}`);
    return;
  }
  if (answer.granted) phase.yes.push(answer.from);
  else if (!phase.no.includes(answer.from)) phase.no.push(answer.from);
  castOwnVoteWhenEnough(turn, phase);
}

/** Yes of a voter of the configuration, in the incarnation that counts. */
function voteCounts(member: Member, answer: SpeculativeVoteAnswer | VoteAnswer): boolean {
  const voter = memberById(member.config, answer.from);
  if (voter === undefined || voter.votes === 0 || voter._id === member.self) return false;
  return incarnationCounts(member, voter, answer.incarnation);
}

function castOwnVoteWhenEnough(turn: Turn, phase: VotingPhase): void {
  const { member } = turn;
  const config = configOf(member);
  if (phase.yes.length + 1 < voteMajority(config)) {
    if (!mayStillWin(member, config, phase)) loseElection(turn, 'tooManyRefused');
    return;
  }
  // The own vote is a vote: it passes the same gate.
  if (member.rules.ownVoteChecked && phase.electionTermId <= member.maxVotedTermId) {
    loseElection(turn, 'votedMeanwhile');
    return;
  }
  const token = castVote(turn, phase.electionTermId, selfOf(member));
  const ownVote: OwnVotePhase = { ...phase, name: 'ownVote', token };
  becomeCandidate(turn, ownVote);
  if (!member.rules.ownVoteDurable) winElection(turn, ownVote);
}

/** Whoever is not up is asked, but not waited for. */
function mayStillWin(member: Member, config: ReplicaSetConfig, phase: VotingPhase): boolean {
  const { yes, no } = phase;
  const isAwaited = ({ _id }: MemberConfig) =>
    !yes.includes(_id) && !no.includes(_id) && isUp(member, _id);
  return yes.length + 1 + votersOf(config).filter(isAwaited).length >= voteMajority(config);
}

export function onPersisted(turn: Turn): void {
  const { member } = turn;
  if (member.role.kind !== 'candidate' || member.role.phase.name !== 'ownVote') return;
  const { phase } = member.role;
  if (member.persistedToken >= phase.token) winElection(turn, phase);
}

function winElection(turn: Turn, phase: OwnVotePhase): void {
  const { member } = turn;
  // A vote is an answer: the new primary has just heard a majority.
  for (const [id, peer] of Object.entries(member.peers))
    if (phase.yes.includes(Number(id))) peer.answeredAt = member.now;
  member.failedAttempts = 0;
  member.awaitedCandidate = undefined;
  log(turn, 'electionWon', { term: phase.electionTermId, votes: phase.yes.length + 1 });
  const until = member.now + settingsOf(member).catchUpTimeoutMillis;
  const role: PrimaryRole = {
    kind: 'primary',
    term: phase.electionTermId,
    phase: { name: 'catchingUp', until },
    takeoverReadySince: undefined,
    confirmations: [],
    admissionFloors: {},
    settledVersion: -1,
    confirmationRound: 0,
  };
  becomePrimary(turn, role, phase.handoff ? 'electedByHandoff' : 'elected');
  installOwnTerm(turn, role.term);
  sendHeartbeats(turn);
  beginCatchUp(turn, role);
}

/** Nothing is undone: whoever said yes keeps its promise. */
function loseElection(turn: Turn, because: string): void {
  const { member } = turn;
  abandonCandidacy(turn, because);
  const { electionTimeoutMillis } = settingsOf(member);
  const backOff =
    drawMillis(member, backOffRange(member)) * 2 ** Math.min(member.failedAttempts, 10);
  member.failedAttempts += 1;
  waitBeforeStanding(member, Math.min(backOff, electionTimeoutMillis));
}

/** A primary that has stepped down asks this member to follow it: no speculative round, a short wait for the rest of its log. */
export function onStandNow(turn: Turn, message: StandNow): void {
  const { member } = turn;
  if (!isSecondary(member.role) || !mayStand(member) || ownConfig(member) === undefined) return;
  if (memberById(member.config, message.from) === undefined) return;
  if (member.primary?.id === message.from) losePrimary(turn, 'handoff');
  if (hearsPrimary(member)) return;
  abandonCandidacy(turn, 'handoff');
  const until = member.now + settingsOf(member).electionTimeoutMillis / 2;
  becomeCandidate(turn, { name: 'handoff', until, catchUpTo: message.catchUpTo });
  tickCandidate(turn);
}

/** Above everything anybody we asked has heard of, and so has voted in (paper: max(maxVotedTermId) + 1). */
function nextTerm(member: Member, answers: readonly SpeculativeVoteAnswer[]): number {
  const known = answers.map((answer) => answer.maxVotedTermId);
  return Math.max(member.maxKnownTermId, ...known) + 1;
}

function newAttempt(member: Member): string {
  const attempt = `${member.processId}:${member.nextAttempt}`;
  member.nextAttempt += 1;
  return attempt;
}

function drawMillis(member: Member, [shortest, longest]: MillisRange): number {
  return Math.max(1, shortest + member.random * (longest - shortest));
}

function peerIds(member: Member): number[] {
  return Object.keys(member.peers).map(Number);
}
