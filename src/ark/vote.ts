import { abandonCandidacy } from './become.ts';
import type { VoteRecord } from './effects.ts';
import { compareGtids, type Gtid, isInitialGtid } from './gtid.ts';
import { hearsPrimary, higherPriorityReady, incarnationCounts, mayStand } from './liveness.ts';
import { type Member, ownConfig, selfOf, settingsOf } from './member.ts';
import type { Message, SpeculativeVoteRequest, VoteRefusal, VoteRequest } from './messages.ts';
import { compareConfigVersions, configVersionOf, memberById } from './replica-set-config.ts';
import { learnTerm, waitBeforeStanding } from './terms.ts';
import { log, persist, send, senderOf, type Turn } from './turn.ts';

/*
 * The voter. Safety is two refusals, decided and remembered in one step: a term not above maxVotedTermId, and a
 * candidate whose log is behind. Everything else is there so that fewer elections are needed.
 */

/** Refusals that ask the candidate not to go on even if a majority would agree. */
const vetoes: readonly VoteRefusal[] = [
  'candidateConfigIsOlder',
  'voterIsPrimary',
  'voterHeardPrimary',
  'candidateIsBehind',
  'higherPriorityIsReady',
];

/** Paper, "speculative election": the answer predicts the vote, and giving it changes nothing here. */
export function answerSpeculativeVoteRequest(turn: Turn, request: SpeculativeVoteRequest): void {
  const { member } = turn;
  const because = refusalOfCandidate(member, request, false) ?? priorityRefusal(member, request);
  const verdict = because === undefined ? 'yes' : vetoes.includes(because) ? 'veto' : 'no';
  send(turn, senderOf(member, request), {
    kind: 'speculativeVoteAnswer',
    attempt: request.attempt,
    verdict,
    ...(because === undefined ? {} : { because }),
    maxVotedTermId: Math.max(member.maxVotedTermId, member.maxKnownTermId),
    lastEntry: member.lastEntry,
    canStand: mayStand(member),
  });
}

export function answerVoteRequest(turn: Turn, request: VoteRequest): void {
  const { member } = turn;
  const because = voteRefusal(member, request);
  const answer = {
    kind: 'voteAnswer',
    attempt: request.attempt,
    electionTermId: request.electionTermId,
    granted: because === undefined,
    lastEntry: member.lastEntry,
  } as const;
  if (because !== undefined) {
    log(turn, 'voteRefused', { candidate: request.from, term: request.electionTermId, because });
    send(turn, senderOf(member, request), { ...answer, because });
    return;
  }
  if (member.rules.votingEndsCandidacy) abandonCandidacy(turn, 'votedForAnother');
  const token = castVote(turn, request.electionTermId, request.from);
  member.awaitedCandidate = request.from;
  waitBeforeStanding(member, settingsOf(member).electionTimeoutMillis / 2);
  const afterToken = member.rules.voteDurableBeforeAnswer ? token : undefined;
  send(turn, senderOf(member, request), answer, afterToken);
}

/** Raises the voted term and starts writing the promise. For others and, through the same gate, for itself. */
export function castVote(turn: Turn, term: number, candidate: number): number {
  const { member } = turn;
  const { version: configVersion, term: configTerm } = configVersionOf(member.config);
  const vote: VoteRecord = {
    term,
    candidate,
    incarnation: member.incarnation,
    configVersion,
    configTerm,
  };
  member.vote = vote;
  member.maxVotedTermId = Math.max(member.maxVotedTermId, term);
  learnTerm(turn, term);
  log(turn, 'voted', { candidate, term });
  return persist(turn, { vote });
}

function voteRefusal(member: Member, request: VoteRequest): VoteRefusal | undefined {
  const because = refusalOfCandidate(member, request, request.handoff);
  if (because !== undefined) return because;
  if (member.rules.oneVotePerTerm && request.electionTermId <= member.maxVotedTermId)
    return 'termIsNotNew';
  if (standsBetter(member, request)) return 'voterStandsItself';
  return undefined;
}

/** What both rounds ask, in the order that names the best reason. */
function refusalOfCandidate(
  member: Member,
  request: SpeculativeVoteRequest | VoteRequest,
  handoff: boolean,
): VoteRefusal | undefined {
  const { config, rules } = member;
  if (config === undefined || request.set !== config._id) return 'otherSet';
  const candidate = memberById(config, request.from);
  if (candidate === undefined) return 'candidateUnknown';
  if (!incarnationCounts(member, candidate, request.incarnation))
    return 'candidateIncarnationUnknown';
  if (compareConfigVersions(request.config, configVersionOf(config)) < 0)
    return 'candidateConfigIsOlder';
  if (!mayVote(member, request.lastEntry)) return 'voterCannotVote';
  if (member.role.kind === 'primary') return 'voterIsPrimary';
  if (hearsPrimary(member) && member.primary?.id !== request.from && !handoff)
    return 'voterHeardPrimary';
  if (rules.voterComparesLogs && compareGtids(request.lastEntry, member.lastEntry) < 0)
    return 'candidateIsBehind';
  return undefined;
}

function priorityRefusal(
  member: Member,
  request: Message & { lastEntry: Member['lastEntry'] },
): VoteRefusal | undefined {
  const candidate = memberById(member.config, request.from);
  if (
    candidate === undefined ||
    higherPriorityReady(member, candidate, request.lastEntry) === undefined
  )
    return undefined;
  return 'higherPriorityIsReady';
}

/**
 * Quiet states do not vote. One exception founds the set (rule `founding`): a member that never had any data votes for one that has no entry either,
 * while the configuration records no data directory, which the first primary does once it has committed an entry; else no set could elect
 * its first primary. Only whoever initiated the set can stand without an entry, and who holds what was acknowledged refuses it. In any
 * term, and of any configuration term: an answer may be lost, and so may the first entry of the first primary.
 */
function mayVote(member: Member, candidateLastEntry: Gtid): boolean {
  const own = ownConfig(member);
  if (own === undefined || own.votes === 0) return false;
  if (!incarnationCounts(member, own, member.incarnation)) return false;
  const { role } = member;
  const { kind } = role;
  if (kind === 'secondary' || kind === 'candidate' || kind === 'primary' || kind === 'arbiter')
    return true;
  if (!member.rules.quietStates && kind !== 'removed') return true;
  const hasRecorded = member.config?.members.some((one) => one.incarnation !== undefined);
  const isFounding = hasRecorded === false && isInitialGtid(candidateLastEntry);
  return kind === 'initialSync' && isFounding && isInitialGtid(role.held);
}

/** Two equal candidates for one term must not vote for each other: the one that ranks first keeps standing. */
function standsBetter(member: Member, request: VoteRequest): boolean {
  const { role } = member;
  if (role.kind !== 'candidate' || request.handoff) return false;
  if (role.phase.name !== 'voting' && role.phase.name !== 'ownVote') return false;
  if (role.phase.electionTermId < request.electionTermId) return false;
  if (compareGtids(role.phase.lastEntry, request.lastEntry) < 0) return false;
  return ranksBefore(member, selfOf(member), request.from);
}

/** Among equal candidates: higher priority first, then the lower member id. */
export function ranksBefore(member: Member, a: number, b: number): boolean {
  const priority = (id: number) => memberById(member.config, id)?.priority ?? 0;
  return priority(a) === priority(b) ? a < b : priority(a) > priority(b);
}
