import { describe, expect, it } from 'vitest';
import { completeConfig, type Gtid, type Member, step } from '../../src/ark/index.ts';
import { heartbeat, say, secondary } from './one-member.ts';

/* Members that are late on purpose, as sources and as followers of sources. n0 is fed by hand; n1 is primary. */

const own: Gtid = { term: 1, opid: 5 };
const ahead: Gtid = { term: 1, opid: 9 };

function followerOf(delays: Readonly<Record<number, number>>): Member {
  const members = [0, 1, 2].map((id) => {
    const secondaryDelaySecs = delays[id] ?? 0;
    const priority = secondaryDelaySecs > 0 ? 0 : 1;
    return { _id: id, host: `n${id}:1`, secondaryDelaySecs, priority };
  });
  const member = secondary(own, { config: { ...completeConfig({ _id: 'rs', members }), term: 1 } });
  step(member, { kind: 'tick', now: 0, random: 0 });
  return member;
}

function answers(member: Member, from: number, lastEntry: Gtid, now: number): void {
  const leads = { state: 'PRIMARY', electionTermId: 1 } as const;
  const request = heartbeat(from, { lastEntry, ...(from === 1 ? leads : {}) });
  say(member, { ...request, kind: 'heartbeatAnswer' } as never, now);
}

describe('a delayed member', () => {
  it('does not leave a source that brings nothing for long, as others do', () => {
    const sources = (delay: number) => {
      const member = followerOf({ 0: delay });
      const seen = new Set<number | undefined>();
      for (let now = 100; now < 20_000; now += 100) {
        answers(member, 1, ahead, now);
        answers(member, 2, ahead, now);
        seen.add(member.sync.source);
      }
      return [...seen];
    };

    expect(sources(60)).toEqual([1]);
    expect(sources(0)).toContain(2);
  });

  it('leaves a source that has nothing to hold back, once somebody else does', () => {
    const member = followerOf({ 0: 1 });
    answers(member, 2, ahead, 10);
    expect(member.sync.source).toBe(2);
    step(member, { kind: 'appended', gtid: ahead, now: 20 });

    // n2 is cut off from the primary, and this member is all the primary has.
    for (let now = 100; now < 5_000; now += 100) {
      answers(member, 1, { term: 1, opid: 20 }, now);
      answers(member, 2, ahead, now);
    }

    expect(member.sync.source).toBe(1);
  });
});

describe('a member that follows a delayed one for want of a better source', () => {
  it('leaves it for one that is not, once that is heard of, however well it serves', () => {
    const member = followerOf({ 2: 60 });
    answers(member, 2, ahead, 10);
    expect(member.sync.source).toBe(2);
    step(member, { kind: 'appended', gtid: { term: 1, opid: 6 }, now: 20 });

    answers(member, 1, ahead, 30);

    expect(member.sync.source).toBe(1);
  });

  it('stays where it is if it is as late itself', () => {
    const member = followerOf({ 0: 60, 2: 60 });
    answers(member, 2, ahead, 10);

    answers(member, 1, ahead, 30);

    expect(member.sync.source).toBe(2);
  });
});
