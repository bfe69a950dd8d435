import type { Effect, Input, Message } from '../../../src/ark/index.ts';
import { continueElection, electionDeadline, roundAnswered, roundLost } from './election.ts';
import { answerHeartbeat, beat, fail, heartbeatAnswered } from './heartbeat.ts';
import { work } from './manager.ts';
import { type PredecessorMember, peersOf, spreadHeartbeats } from './member.ts';
import { reportAgain, reported, reportOwn } from './progress.ts';
import { become, relinquish } from './relinquish.ts';
import { answerTimeoutMillis, heartbeatPauseMillis, sendAgainMillis } from './rules.ts';
import { fetched, reviewSource, rolledBack } from './sync-source.ts';
import type { Turn } from './turn.ts';
import { answerElect, answerFresh } from './vote.ts';

/** One input, with the member's wall clock at that moment. Inputs that have to do with configurations or initial sync are refused. */
export function step(member: PredecessorMember, input: Input, wallMillis: number): Effect[] {
  const turn: Turn = { member, effects: [] };
  const isFirst = member.wallMillis === 0;
  member.now = Math.max(member.now, input.now);
  member.wallMillis = wallMillis;
  if (input.kind === 'tick') member.random = input.random;
  if (isFirst) {
    spreadHeartbeats(member);
    become(turn, member.state, 'started');
  }
  take(turn, input);
  beat(turn);
  continueElection(turn);
  work(turn);
  reviewSource(turn);
  reportAgain(turn);
  return turn.effects;
}

/** The next tick that has something to do. */
export function nextDeadline(member: PredecessorMember): number {
  const heartbeats = peersOf(member).map(({ asked, nextAskAt }) =>
    asked === undefined
      ? nextAskAt
      : Math.min(asked.at + answerTimeoutMillis, asked.sentAt + sendAgainMillis),
  );
  const { sync, state } = member;
  const choice =
    state === 'secondary' && sync.source === undefined ? sync.chooseNotBefore : Infinity;
  const latest = member.now + (sync.isVerified ? sendAgainMillis : heartbeatPauseMillis);
  return Math.min(latest, choice, electionDeadline({ member }), ...heartbeats);
}

function take(turn: Turn, input: Input): void {
  const { member } = turn;
  switch (input.kind) {
    case 'tick':
    case 'persisted':
      return;
    case 'message':
      hear(turn, input.message);
      return;
    case 'peerDisconnected':
      // A closed connection is noticed by what is being asked over it, and by the next heartbeat.
      fail(turn, input.member);
      roundLost(turn, input.member);
      return;
    case 'appended':
      member.lastEntry = input.gtid;
      member.opensTerm = false;
      if (member.state === 'secondary') reportOwn(turn);
      return;
    case 'durable':
      if (input.rollbackId === member.rollbackId) member.lastDurable = input.gtid;
      return;
    case 'fetched':
      fetched(turn, input);
      return;
    case 'rolledBack':
      rolledBack(turn, input);
      return;
    case 'noCommonPoint':
      become(turn, 'recovering', 'FATAL: no common point');
      return;
    case 'syncFrom':
      member.sync.forced = input.member;
      turn.effects.push({ kind: 'reply', command: input.command, outcome: { ok: true } });
      return;
    case 'freeze':
      member.notStandingBeforeMillis = member.now + input.millis;
      turn.effects.push({ kind: 'reply', command: input.command, outcome: { ok: true } });
      return;
    case 'stepDown':
      member.notStandingBeforeMillis = member.now + input.freezeMillis;
      relinquish(turn, 'by command');
      turn.effects.push({ kind: 'reply', command: input.command, outcome: { ok: true } });
      return;
    default:
      throw new Error(`the controls do not know ${input.kind}`);
  }
}

function hear(turn: Turn, message: Message): void {
  if (turn.member.peers[message.from] === undefined) return;
  switch (message.kind) {
    case 'heartbeatRequest':
      answerHeartbeat(turn, message);
      return;
    case 'heartbeatAnswer':
      heartbeatAnswered(turn, message);
      return;
    case 'speculativeVoteRequest':
      answerFresh(turn, message);
      return;
    case 'voteRequest':
      answerElect(turn, message);
      return;
    case 'speculativeVoteAnswer':
    case 'voteAnswer':
      roundAnswered(turn, message);
      return;
    case 'positionReport':
      reported(turn, message);
      return;
    case 'standNow':
      return;
    default:
      message satisfies never;
  }
}
