import { describe, expect, it } from 'vitest';
import {
  completeConfig,
  type Effect,
  type Gtid,
  type Input,
  initialGtid,
  type Message,
  noConfigVersion,
} from '../../../src/ark/index.ts';
import { createPredecessor, type PredecessorMember, type PredecessorStatus } from './member.ts';
import { mongodb26, type PredecessorRules, tokumx15 } from './rules.ts';
import { step } from './step.ts';

/*
 * One voter, n0 of three, asked directly: the rules of [P] 2.5 as the paper states them.
 */

const config = completeConfig({
  _id: 'rs',
  members: [0, 1, 2].map((id) => ({ _id: id, host: `n${id}:1` })),
});
const behind: Gtid = { term: 1, opid: 3 };
const own: Gtid = { term: 1, opid: 7 };

class Voter {
  readonly member: PredecessorMember;
  now = 1000;

  constructor(rules: PredecessorRules) {
    this.member = createPredecessor(rules, {
      host: 'n0:1',
      incarnation: 'i0',
      processId: '0.1',
      now: this.now,
      lastEntry: own,
      needsInitialSync: false,
      config,
    });
    this.feed({ kind: 'tick', random: 0.999, now: this.now });
  }

  feed(input: Input): Effect[] {
    return step(this.member, input, 1_400_000_000_000 + this.now);
  }

  hear(from: number, body: object): Message[] {
    const header = { set: 'rs', from, fromHost: '', to: 0, incarnation: '', term: 0 };
    const message = { ...header, config: noConfigVersion, ...body } as Message;
    return this.feed({ kind: 'message', message, now: this.now }).flatMap((effect) =>
      effect.kind === 'send' ? [effect.message] : [],
    );
  }

  /** What a heartbeat of n0 to that member brings. */
  learn(from: number, about: Partial<PredecessorStatus>): void {
    this.member.peers[from]!.nextAskAt = this.now;
    const sent = this.feed({ kind: 'tick', random: 0.5, now: this.now });
    const asked = sent.find((effect) => effect.kind === 'send' && effect.to.member === from);
    if (asked?.kind !== 'send' || asked.message.kind !== 'heartbeatRequest')
      throw new Error(`n${from} was not asked`);
    const status = {
      state: 'SECONDARY',
      lastEntry: own,
      electionTime: initialGtid,
      electable: true,
      ...about,
    };
    this.hear(from, { kind: 'heartbeatAnswer', sequence: asked.message.sequence, status });
  }

  asks(from: number, lastEntry = own): { granted: boolean; because?: string } {
    const request = { kind: 'voteRequest', attempt: 'x', electionTermId: 0, lastEntry };
    const answer = this.hear(from, request).find(({ kind }) => kind === 'voteAnswer');
    if (answer?.kind !== 'voteAnswer') throw new Error('no answer');
    return answer;
  }

  asksWhetherFreshest(from: number, lastEntry: Gtid): string {
    const request = { kind: 'speculativeVoteRequest', attempt: 'x', lastEntry };
    const answer = this.hear(from, request).find(({ kind }) => kind === 'speculativeVoteAnswer');
    if (answer?.kind !== 'speculativeVoteAnswer') throw new Error('no answer');
    return answer.verdict;
  }
}

describe.each([mongodb26, tokumx15])('a voter of $name', (rules) => {
  it('tells the speculative round of a longer log, and does not look at logs in the deciding one', () => {
    const voter = new Voter(rules);
    voter.learn(1, { lastEntry: behind });
    expect(voter.asksWhetherFreshest(1, behind)).toBe('no');
    expect(voter.asks(1, behind).granted).toBe(true);
  });

  it('says yes to one candidate in thirty seconds, again to the same one, and then to another', () => {
    const voter = new Voter(rules);
    expect(voter.asks(1).granted).toBe(true);
    expect(voter.asks(2).granted).toBe(false);
    expect(voter.asks(1).granted).toBe(true);
    voter.now += 30_000;
    expect(voter.asks(2).granted).toBe(false);
    voter.now += 1000;
    expect(voter.asks(2).granted).toBe(true);
  });

  it('does not tell the speculative round that it is bound by a yes (SERVER-14382)', () => {
    const voter = new Voter(rules);
    voter.learn(2, {});
    expect(voter.asks(1).granted).toBe(true);
    expect(voter.asksWhetherFreshest(2, own)).toBe('yes');
    expect(voter.asks(2).granted).toBe(false);
  });

  it('vetoes in both rounds while it sees a primary that is as fresh', () => {
    const voter = new Voter(rules);
    voter.learn(1, { state: 'PRIMARY' });
    voter.learn(2, {});
    expect(voter.asksWhetherFreshest(2, own)).toBe('veto');
    expect(voter.asks(2)).toMatchObject({ granted: false, because: 'voterHeardPrimary' });
  });

  it('forgets its votes with its process', () => {
    const voter = new Voter(rules);
    expect(voter.asks(1).granted).toBe(true);
    const restarted = new Voter(rules);
    expect(restarted.asks(2).granted).toBe(true);
  });
});
