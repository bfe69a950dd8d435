import { describe, expect, it } from 'vitest';
import {
  acknowledgedPosition,
  type Member,
  type MemberStateName,
  type Message,
  type SafetyRules,
  step,
} from '../../src/ark/index.ts';
import { arkWorld, type World } from '../simulation/world/index.ts';
import {
  config,
  header,
  primary,
  reported,
  say,
  secondary,
  status,
  voteAnswer,
  voteRequest,
} from './one-member.ts';

/* G6, as the primary sees it: n0 is primary of term 2, n1 follows, n2 comes back with another data directory. */

const wiped = "i2'";

/** A heartbeat answer of a member that holds the primary's present configuration. */
function answers(
  member: Member,
  from: number,
  incarnation: string,
  position: { term: number; opid: number },
  state: MemberStateName = 'SECONDARY',
): void {
  const { config } = member;
  const { version, term, admission } = config!;
  const acknowledged = { member: from, incarnation, rollbackId: 0, position };
  say(member, {
    ...header,
    term: member.maxKnownTermId,
    from,
    incarnation,
    config: { version, term, admission },
    kind: 'heartbeatAnswer',
    sequence: 1,
    status: status({ state, lastEntry: position, lastDurable: position, acknowledged }),
  });
  step(member, { kind: 'persisted', token: member.nextToken - 1, now: member.now });
}

function counted(member: Member): string | undefined {
  return member.config?.members[2]?.incarnation;
}

/** The primary writes and n1 acknowledges: the commit point moves. */
function writes(member: Member, opid: number): void {
  const gtid = { term: 2, opid };
  step(member, { kind: 'appended', gtid, now: member.now });
  step(member, { kind: 'durable', gtid, rollbackId: 0, now: member.now });
  reported(member, 1, gtid);
  expect(member.commitPoint).toEqual(gtid);
}

/** All are recorded; then n2 loses its disk, and nobody counts under its id. */
function withWipedMember(arbiter?: number): Member {
  const members = config.members.map((one) =>
    one._id === arbiter ? { ...one, arbiterOnly: true, priority: 0, tags: {} } : one,
  );
  const member = primary({ config: { ...config, members } });
  const noop = { term: 2, opid: 0 };
  step(member, { kind: 'durable', gtid: noop, rollbackId: 0, now: member.now });
  for (let round = 0; round < 4; round++) {
    answers(member, 1, 'i1', noop);
    answers(member, 2, 'i2', noop);
  }
  expect(counted(member)).toBe('i2');
  for (let round = 0; round < 3; round++) {
    answers(member, 1, 'i1', noop);
    answers(member, 2, wiped, { term: 0, opid: 0 });
  }
  expect(counted(member)).toBe('');
  return member;
}

describe('a member with another data directory', () => {
  it('counts again once it has copied what was committed when nobody counted under its id', () => {
    const member = withWipedMember();
    writes(member, 1);
    answers(member, 1, 'i1', { term: 2, opid: 1 });
    answers(member, 2, wiped, { term: 1, opid: 9 });
    expect(counted(member)).toBe('');

    answers(member, 2, wiped, { term: 2, opid: 1 });

    expect(counted(member)).toBe(wiped);
  });

  it('counts again although it is late on purpose and never as far as the newest write', () => {
    const member = withWipedMember();
    answers(member, 1, 'i1', { term: 2, opid: 0 });
    for (let opid = 1; opid < 10; opid++) {
      writes(member, opid);
      answers(member, 1, 'i1', { term: 2, opid });
      answers(member, 2, wiped, { term: 2, opid: opid - 1 });
    }

    expect(counted(member)).toBe(wiped);
  });

  it('must have all that is committed where fewer than a majority of the voters hold that', () => {
    const member = withWipedMember(1);
    answers(member, 1, 'i1', { term: 0, opid: 0 });
    for (let opid = 1; opid < 10; opid++) {
      writes(member, opid);
      answers(member, 1, 'i1', { term: 0, opid: 0 });
      answers(member, 2, wiped, { term: 2, opid: opid - 1 });
      expect(counted(member)).toBe('');
    }

    answers(member, 2, wiped, member.commitPoint);

    expect(counted(member)).toBe(wiped);
  });
});

describe('an arbiter with another data directory', () => {
  it('never counts again by itself: it has no data to show', () => {
    const members = config.members.map((one) =>
      one._id === 2
        ? { ...one, arbiterOnly: true, priority: 0, tags: {}, incarnation: 'i2' }
        : { ...one, incarnation: `i${one._id}` },
    );
    const member = primary({ config: { ...config, members } });
    const noop = { term: 2, opid: 0 };
    step(member, { kind: 'durable', gtid: noop, rollbackId: 0, now: member.now });
    for (let round = 0; round < 5; round++) {
      answers(member, 1, 'i1', noop);
      answers(member, 2, wiped, { term: 0, opid: 0 }, 'ARBITER');
    }

    expect(counted(member)).toBe('i2');
  });
});

describe('promises of another data directory than the recorded one', () => {
  const recorded = {
    ...config,
    members: config.members.map((one) => ({ ...one, incarnation: `i${one._id}` })),
  };

  it('do not count for a commit point or a write concern', () => {
    const member = primary({ config: recorded });
    const noop = { term: 2, opid: 0 };
    step(member, { kind: 'durable', gtid: noop, rollbackId: 0, now: member.now });
    const report = (incarnation: string) =>
      say(member, {
        ...header,
        term: 2,
        from: 2,
        incarnation,
        kind: 'positionReport',
        positions: [{ member: 2, incarnation, rollbackId: 0, position: noop }],
      });

    report(wiped);
    expect(acknowledgedPosition(member, 2)).toBeUndefined();
    expect(member.commitPoint).not.toEqual(noop);

    report('i2');
    expect(member.commitPoint).toEqual(noop);
  });

  it('are not given: such a member refuses its vote', () => {
    const answerOf = (incarnation: string) => {
      const member = secondary({ term: 1, opid: 3 }, { config: recorded, incarnation });
      return voteAnswer(say(member, voteRequest(2, { term: 1, opid: 3 }))).because;
    };

    expect(answerOf("i0'")).toBe('voterCannotVote');
    expect(answerOf('i0')).toBeUndefined();
  });

  it('are not asked for: such a candidate gets no vote, and its own members do not stand', () => {
    const member = secondary({ term: 1, opid: 3 }, { config: recorded });
    const request = { ...voteRequest(2, { term: 1, opid: 3 }), incarnation: "i1'" };

    expect(voteAnswer(say(member, request as Message)).because).toBe('candidateIncarnationUnknown');
  });
});

describe('a set that has lost the disk of a data member', () => {
  /** The letters of its members: `d` holds data, `a` is an arbiter; member 0 leads. */
  function setOf(kinds: string, off: readonly (keyof SafetyRules)[] = []): World<Member> {
    const arbiters = [...kinds].flatMap((kind, id) => (kind === 'a' ? [id] : []));
    const world = arkWorld({
      members: kinds.length,
      off,
      memberOverrides: Object.fromEntries(
        arbiters.map((id) => [id, { arbiterOnly: true, priority: 0 }]),
      ),
    }).bootstrap();
    expect(world.awaitPrimary()).toBe(0);
    return world.run(3000);
  }

  const isRecorded = (world: World<Member>, by: number, id: number) =>
    world.member(by).config?.members[id]?.incarnation === world.member(id).incarnation;

  /** Whoever leads writes, and a majority write of it is answered within the time. */
  function expectWritable(world: World<Member>): void {
    world.runUntil(() => {
      const primary = world.primary();
      const last = primary === undefined ? undefined : world.write(primary);
      world.run(50);
      return last !== undefined && world.isCommitted(last);
    }, 10_000);
  }

  it.each(['dda', 'ddda', 'ddd', 'dddd'])(
    'commits again when it was the primary of %s, and has its copy',
    (kinds) => {
      const world = setOf(kinds);
      world.wipe(0);
      world.runUntil(() => (world.primary() ?? 0) !== 0);
      world.start(0);

      expectWritable(world);
      world.runUntil(() => isRecorded(world, world.primary()!, 0), 10_000);
      expectWritable(world);
    },
  );

  it.each(['dd', 'dda', 'ddda', 'dddd'])('commits again when it was a secondary of %s', (kinds) => {
    const world = setOf(kinds);
    world.wipe(1);
    world.start(1);

    expectWritable(world);
    world.runUntil(() => isRecorded(world, 0, 1), 10_000);
    expectWritable(world);
  });

  it('commits again when two were lost and one holds all', () => {
    const world = setOf('dddaa');
    world.wipe(1);
    world.start(1);
    world.wipe(0);
    world.runUntil(() => (world.primary() ?? 0) !== 0);
    world.start(0);

    expectWritable(world);
  });

  /* n2 votes for n1, the answer takes half a second, and n2 loses its disk; n0 leads and hears nothing of it. */
  function withVoteInFlight(off: readonly (keyof SafetyRules)[]): World<Member> {
    const world = setOf('ddd', off);
    const phase = () => {
      const { role } = world.member(1);
      return role.kind === 'candidate' ? role.phase.name : undefined;
    };
    world.network.cut([0], [1, 2]);
    for (const id of [1, 2])
      world.feed(id, { kind: 'peerDisconnected', member: 0, now: world.now });
    world.feed(2, { kind: 'freeze', command: world.nextCommand(), millis: 5000, now: world.now });
    world.runUntil(() => phase() === 'voting');
    world.network.clog(2, 1, world.now + 700);
    const term = world.member(1).maxKnownTermId + 1;
    world.runUntil(() => world.node(2).disk.vote?.term === term).run(1);
    world.wipe(2);
    world.network.heal();
    world.network.cut([0], [1]);
    world.network.cutOneWay(1, 2);
    world.network.clog(2, 1, world.now + 5000);
    world.start(2);
    return world;
  }

  it('does not take the word of the new one for that of the old one, whose vote is under way', () => {
    const world = withVoteInFlight([]);
    for (let at = 0; at < 600; at += 10) world.run(10).write(0);
    world.runUntil(() => world.primary() === 1);
    world.network.heal();
    world.run(10_000);

    expect(world.history.disksLost).toBe(1);
    expectWritable(world);
  });

  it('writes nothing for good alone while an arbiter may still elect a directory that was only away', () => {
    const world = setOf('dda');
    const mounted = world.node(1).disk.snapshot();
    world.network.cut([2], [0, 1]);
    world.wipe(1);
    world.start(1);
    world.runUntil(() => world.member(0).config?.members[1]?.incarnation === '', 1000);
    const last = world.write(0)!;
    world.run(300);
    expect(world.isCommitted(last)).toBe(false);

    world.crash(0);
    world.restore(1, mounted);
    world.node(1).disk.incarnation = 'i1';
    world.network.heal();
    world.start(1);
    world.runUntil(() => world.primary() === 1);
    world.start(0);
    expectWritable(world);
  });
});
