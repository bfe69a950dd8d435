import { describe, expect, it } from 'vitest';
import { type Effect, type Member, step } from '../../src/ark/index.ts';
import { heartbeat, say, secondary } from './one-member.ts';

/* Whom a member believes to be primary, and that its caller is told whenever that changes: `hello` names it. */

/** A secondary that hears n1 as primary of term 1, and both others. */
function follower(options: Parameters<typeof secondary>[1] = {}): Member {
  const member = secondary({ term: 1, opid: 0 }, options);
  step(member, { kind: 'tick', now: 0, random: 0 });
  answer(member, 1, 10);
  answer(member, 2, 10);
  expect(member.primary?.id).toBe(1);
  return member;
}

function answer(member: Member, from: number, now: number): Effect[] {
  const leads = { state: 'PRIMARY', electionTermId: 1 } as const;
  const request = heartbeat(from, from === 1 ? leads : {});
  return say(member, { ...request, kind: 'heartbeatAnswer' } as never, now);
}

/** Time passes in steps: one long one would be a pause of this process, which is no silence of others. */
function passTime(member: Member, until: number): Effect[] {
  const effects: Effect[] = [];
  for (let now = member.now + 100; now <= until; now += 100)
    effects.push(...step(member, { kind: 'tick', now, random: 0 }));
  return effects;
}

function announced(effects: readonly Effect[]): (number | undefined)[] {
  return effects.flatMap((effect) => (effect.kind === 'role' ? [effect.primary] : []));
}

describe('a member whose primary falls silent', () => {
  it('says so when it begins to stand itself', () => {
    const member = follower();
    passTime(member, 1900);
    answer(member, 2, 1900);

    const effects = passTime(member, 2100);

    expect(member.role.kind).toBe('candidate');
    expect(announced(effects).at(-1)).toBeUndefined();
    expect(announced(effects).length).toBeGreaterThan(0);
  });

  it('says so at once when the connection closes', () => {
    const effects = step(follower(), { kind: 'peerDisconnected', member: 1, now: 20 });

    expect(announced(effects)).toEqual([undefined]);
  });

  it('says so also when it may not stand, or sees no majority', () => {
    const frozen = follower();
    step(frozen, { kind: 'freeze', command: 1, millis: 60_000, now: 20 });
    passTime(frozen, 1900);
    answer(frozen, 2, 1900);
    expect(announced(passTime(frozen, 2100))).toEqual([undefined]);

    const cutOff = follower();
    expect(announced(passTime(cutOff, 2100))).toEqual([undefined]);
  });

  it('believes in it again when it is heard again', () => {
    const member = follower();
    passTime(member, 2100);

    expect(announced(answer(member, 1, 2120))).toEqual([1]);
  });
});

describe('a member that hears of a higher term', () => {
  it('no longer names the primary of the lower one', () => {
    const member = follower();

    expect(announced(say(member, heartbeat(2, {}, 2), 20))).toEqual([undefined]);
    expect(member.primary).toBeUndefined();
  });
});

describe('a member that is asked to follow a primary that steps down', () => {
  it('no longer names it', () => {
    const member = follower();
    const { lastEntry } = member;
    const message = { ...heartbeat(1, {}), kind: 'standNow', catchUpTo: lastEntry } as never;

    expect(announced(say(member, message, 20))).toContain(undefined);
  });
});
