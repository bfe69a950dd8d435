import { describe, expect, it } from 'vitest';
import {
  acknowledgedPosition,
  buildVoters,
  canAcknowledge,
  canEverBeSatisfied,
  completeConfig,
  configProblem,
  configVersionOf,
  createMember,
  initialGtid,
  isSatisfied,
  type Member,
  step,
  voterChanges,
  votersPosition,
  writeMajority,
} from '../../src/ark/index.ts';
import {
  config,
  header,
  heartbeat,
  primary,
  reported,
  say,
  secondary,
  status,
  voteAnswer,
  voteRequest,
} from './one-member.ts';

/* One member, fed by hand: each claim is a rule of the paper or of the table in src/ark/README.md. */

/** A configuration comes by a heartbeat of member 1. */
const hears = (member: Member, newerConfig: typeof config) =>
  say(member, { ...heartbeat(1, {}), kind: 'heartbeatAnswer', newerConfig } as never);

describe('a voter', () => {
  it('answers yes only after its vote is durable', () => {
    const member = secondary({ term: 1, opid: 3 });
    const effects = say(member, voteRequest(2, { term: 1, opid: 3 }));
    const answer = voteAnswer(effects);
    const persist = effects.find((effect) => effect.kind === 'persist');
    expect(answer.granted).toBe(true);
    expect(answer.afterToken).toBe(persist?.token);
    expect(persist).toMatchObject({ vote: { term: 2, candidate: 1, incarnation: 'i0' } });
  });

  it('says yes once per term, also after a restart, and to lower terms never', () => {
    const member = secondary({ term: 1, opid: 3 });
    say(member, voteRequest(5, { term: 1, opid: 3 }));
    expect(voteAnswer(say(member, voteRequest(5, { term: 1, opid: 9 }, 2))).because).toBe(
      'termIsNotNew',
    );
    const again = secondary({ term: 1, opid: 3 }, { vote: member.vote! });
    expect(voteAnswer(say(again, voteRequest(5, { term: 1, opid: 9 }, 2))).granted).toBe(false);
    expect(voteAnswer(say(again, voteRequest(4, { term: 1, opid: 9 }, 2))).granted).toBe(false);
  });

  it('refuses a candidate whose log is behind, which takes precedence over a low term', () => {
    const member = secondary({ term: 1, opid: 3 });
    expect(voteAnswer(say(member, voteRequest(1, { term: 1, opid: 2 }))).because).toBe(
      'candidateIsBehind',
    );
    expect(member.maxVotedTermId).toBe(0);
  });

  it('that heard a live primary within the election timeout says no, until its connection closes', () => {
    const member = secondary({ term: 1, opid: 3 });
    say(member, heartbeat(2, { state: 'PRIMARY', electionTermId: 1 }), 100);
    expect(voteAnswer(say(member, voteRequest(2, { term: 1, opid: 3 }), 2000)).because).toBe(
      'voterHeardPrimary',
    );
    step(member, { kind: 'peerDisconnected', member: 2, now: 2000 });
    expect(voteAnswer(say(member, voteRequest(2, { term: 1, opid: 3 }), 2000)).granted).toBe(true);
  });

  it('does not vote while it copies data or rolls back (quiet states)', () => {
    const syncing = secondary(initialGtid, { needsInitialSync: true });
    expect(voteAnswer(say(syncing, voteRequest(2, { term: 1, opid: 3 }))).because).toBe(
      'voterCannotVote',
    );
    const undoing = secondary({ term: 1, opid: 3 });
    undoing.role = { kind: 'rollback', source: 1 };
    expect(voteAnswer(say(undoing, voteRequest(2, { term: 1, opid: 3 }))).because).toBe(
      'voterCannotVote',
    );
    expect(canAcknowledge(undoing)).toBe(false);
  });

  it('founds a set in whatever term it takes, and only as long as nobody has an entry', () => {
    const founding = { ...config, term: 0 };
    const empty = secondary(initialGtid, { needsInitialSync: true, config: founding });
    expect(voteAnswer(say(empty, voteRequest(1, initialGtid))).granted).toBe(true);
    // The answer was lost, so the candidate comes again.
    expect(voteAnswer(say(empty, voteRequest(2, initialGtid))).granted).toBe(true);
    expect(voteAnswer(say(empty, voteRequest(3, { term: 2, opid: 0 }))).because).toBe(
      'voterCannotVote',
    );
  });

  it('founds a set whose first primary lost its first entry, and none that has recorded a data directory', () => {
    const signed = { ...config, term: 1 };
    const empty = secondary(initialGtid, { needsInitialSync: true, config: signed });
    expect(voteAnswer(say(empty, voteRequest(2, initialGtid))).granted).toBe(true);
    const members = signed.members.map((one) => ({ ...one, incarnation: `i${one._id}` }));
    const recorded = { ...signed, members };
    const wiped = secondary(initialGtid, { needsInitialSync: true, config: recorded });
    expect(voteAnswer(say(wiped, voteRequest(2, initialGtid))).because).toBe('voterCannotVote');
  });

  it('changes nothing in a speculative round (SpeculativePure)', () => {
    const member = secondary({ term: 1, opid: 3 });
    say(member, heartbeat(1, {}));
    const before = structuredClone(member);
    say(member, {
      ...header,
      from: 1,
      incarnation: 'i1',
      kind: 'speculativeVoteRequest',
      attempt: 'x',
      lastEntry: { term: 9, opid: 0 },
    });
    expect(member).toEqual(before);
  });
});

describe('the acknowledgement gate', () => {
  it('closes with a vote in a higher term and opens with an entry of that term', () => {
    const member = secondary({ term: 1, opid: 3 });
    expect(canAcknowledge(member)).toBe(true);
    step(member, { kind: 'tick', now: 0, random: 0 });
    say(member, voteRequest(2, { term: 1, opid: 3 }));
    expect(canAcknowledge(member)).toBe(false);
    step(member, { kind: 'appended', gtid: { term: 1, opid: 4 }, now: 1 });
    step(member, { kind: 'durable', gtid: { term: 1, opid: 4 }, rollbackId: 0, now: 1 });
    expect(member.progress[0]?.position).toEqual({ term: 1, opid: 3 });
    step(member, { kind: 'appended', gtid: { term: 2, opid: 0 }, now: 2 });
    step(member, { kind: 'durable', gtid: { term: 2, opid: 0 }, rollbackId: 0, now: 2 });
    expect(member.progress[0]?.position).toEqual({ term: 2, opid: 0 });
  });

  it('reports only what is durable, and not by a flush from before a rollback', () => {
    const member = secondary({ term: 1, opid: 3 }, { rollbackId: 4 });
    step(member, { kind: 'appended', gtid: { term: 1, opid: 4 }, now: 1 });
    expect(member.progress[0]?.position ?? { term: 1, opid: 3 }).toEqual({ term: 1, opid: 3 });
    step(member, { kind: 'durable', gtid: { term: 1, opid: 4 }, rollbackId: 3, now: 1 });
    expect(member.lastDurable).toEqual({ term: 1, opid: 3 });
  });
});

describe('a member that rolls back', () => {
  it('takes back, to its source too, what it had acknowledged (G8)', () => {
    const member = secondary({ term: 1, opid: 5 });
    const leads = { state: 'PRIMARY', electionTermId: 1, lastEntry: { term: 1, opid: 9 } } as const;
    say(member, { ...heartbeat(1, leads), kind: 'heartbeatAnswer' } as never, 1);
    expect(member.progress[0]).toMatchObject({ position: { term: 1, opid: 5 }, rollbackId: 0 });
    const sourceLastEntry = { term: 1, opid: 9 };
    step(member, { kind: 'fetched', source: 1, outcome: 'diverged', sourceLastEntry, now: 2 });

    const to = { term: 1, opid: 2 };
    const effects = step(member, {
      kind: 'rolledBack',
      to,
      rollbackId: 1,
      finished: true,
      now: 3,
    });

    expect(member.progress[0]).toMatchObject({ position: to, rollbackId: 1 });
    const reports = effects.flatMap((effect) =>
      effect.kind === 'send' && effect.message.kind === 'positionReport'
        ? effect.message.positions
        : [],
    );
    expect(reports.at(-1)).toMatchObject({ member: 0, position: to, rollbackId: 1 });
  });

  describe('and is removed meanwhile', () => {
    const without = { ...config, version: 2, members: config.members.slice(1) };
    const undone = (member: Member, opid: number, finished: boolean) =>
      step(member, {
        kind: 'rolledBack',
        to: { term: 1, opid },
        rollbackId: 1,
        finished,
        now: member.now,
      });

    function removed(): Member {
      const member = secondary({ term: 1, opid: 5 });
      say(member, { ...heartbeat(1, {}), kind: 'heartbeatAnswer' } as never, 1);
      const sourceLastEntry = { term: 2, opid: 0 };
      say(member, heartbeat(1, { lastEntry: sourceLastEntry }), 2);
      step(member, { kind: 'fetched', source: 1, outcome: 'diverged', sourceLastEntry, now: 2 });
      hears(member, without);
      return member;
    }

    it('takes note of what is undone, and is removed when that is over', () => {
      const member = removed();

      undone(member, 3, false);
      expect(member).toMatchObject({
        role: { kind: 'rollback' },
        lastEntry: { term: 1, opid: 3 },
        lastDurable: { term: 1, opid: 3 },
      });
      const effects = undone(member, 2, true);

      expect(member).toMatchObject({
        role: { kind: 'removed' },
        lastEntry: { term: 1, opid: 2 },
        lastDurable: { term: 1, opid: 2 },
      });
      expect(effects.map(({ kind }) => kind)).not.toContain('fatal');
    });

    it('does not vote or acknowledge as a member again before it is over', () => {
      const member = removed();
      const again = { ...config, version: 3 };
      hears(member, again);

      expect(member.self).toBe(0);
      expect(canAcknowledge(member)).toBe(false);
      const request = {
        ...voteRequest(2, { term: 2, opid: 0 }, 2),
        config: configVersionOf(again),
      };
      expect(voteAnswer(say(member, request)).because).toBe('voterCannotVote');
      undone(member, 2, true);
      expect(member).toMatchObject({
        role: { kind: 'secondary' },
        lastDurable: { term: 1, opid: 2 },
      });
    });

    it('keeps its data when there is no common point', () => {
      const member = removed();

      const effects = step(member, { kind: 'noCommonPoint', source: 1, now: 3 });

      expect(effects.map(({ kind }) => kind)).not.toContain('fatal');
      expect(member).toMatchObject({ role: { kind: 'removed' }, lastEntry: { term: 1, opid: 5 } });
    });
  });
});

describe('a primary', () => {
  it('commits own-term entries held durably by a majority, itself counted only when durable', () => {
    const member = primary();
    expect(member.role.kind).toBe('primary');
    reported(member, 1, { term: 2, opid: 0 });
    expect(member.commitPoint).toEqual(initialGtid);
    step(member, { kind: 'durable', gtid: { term: 2, opid: 0 }, rollbackId: 0, now: 3 });
    expect(member.commitPoint).toEqual({ term: 2, opid: 0 });
    expect(isSatisfied(member, { w: 'majority' }, { term: 1, opid: 5 })).toBe(true);
  });

  it('never counts a position of another term (G1, G2)', () => {
    const member = primary();
    step(member, { kind: 'durable', gtid: { term: 2, opid: 0 }, rollbackId: 0, now: 3 });
    reported(member, 1, { term: 1, opid: 5 });
    reported(member, 2, { term: 1, opid: 5 });
    expect(member.commitPoint).toEqual(initialGtid);
    expect(isSatisfied(member, { w: 2 }, { term: 1, opid: 5 })).toBe(false);
  });

  it('steps down on a report of a higher term, failing its waiters (G13)', () => {
    const member = primary();
    const positions = [
      { member: 1, incarnation: 'i1', rollbackId: 0, position: { term: 3, opid: 0 } },
    ];
    const effects = say(member, {
      ...header,
      from: 1,
      incarnation: 'i1',
      kind: 'positionReport',
      positions,
    });
    expect(effects).toContainEqual({ kind: 'failWaiters', term: 2, because: 'higherTerm' });
    expect(member.role.kind).toBe('secondary');
  });

  it('withdraws what a member acknowledged before it rolled back (G8)', () => {
    const member = primary();
    step(member, { kind: 'appended', gtid: { term: 2, opid: 9 }, now: 3 });
    step(member, { kind: 'durable', gtid: { term: 2, opid: 9 }, rollbackId: 0, now: 3 });
    reported(member, 1, { term: 2, opid: 7 });
    expect(acknowledgedPosition(member, 2)).toEqual({ term: 2, opid: 7 });
    reported(member, 1, { term: 2, opid: 1 }, 1);
    expect(acknowledgedPosition(member, 2)).toEqual({ term: 2, opid: 1 });
    reported(member, 1, { term: 2, opid: 9 }, 0);
    expect(acknowledgedPosition(member, 2)).toEqual({ term: 2, opid: 1 });
  });

  it('knows how far members have come that vote and bear data', () => {
    const member = primary();
    const gtid = { term: 2, opid: 0 };
    expect(votersPosition(member, 1)).toBeUndefined();
    step(member, { kind: 'durable', gtid, rollbackId: 0, now: 3 });
    expect(votersPosition(member, 1)).toEqual(gtid);
    reported(member, 1, gtid);
    expect(votersPosition(member, 2)).toEqual(gtid);
    expect(votersPosition(member, 3)).toBeUndefined();
    say(member, heartbeat(1, {}, 3), 4);
    expect(votersPosition(member, 1)).toBeUndefined();
    expect(buildVoters(config).map(({ _id }) => _id)).toEqual([0, 1, 2]);
  });

  it('counts tags by distinct values and says when waiting is pointless', () => {
    const member = primary();
    const gtid = { term: 2, opid: 0 };
    step(member, { kind: 'durable', gtid, rollbackId: 0, now: 3 });
    reported(member, 1, gtid);
    expect(isSatisfied(member, { w: 'everyDc' }, gtid)).toBe(false);
    reported(member, 2, gtid);
    expect(isSatisfied(member, { w: 'everyDc' }, gtid)).toBe(true);
    expect(isSatisfied(member, { w: { dc: 2 } }, gtid)).toBe(true);
    expect(isSatisfied(member, { w: { dc: 1 } }, { term: 2, opid: 1 })).toBe(false);
    expect(canEverBeSatisfied(config, { w: { dc: 3 } })).toBe('tooFewTags');
    expect(canEverBeSatisfied(config, { w: { rack: 1 } })).toBe('tooFewTags');
    expect(canEverBeSatisfied(config, { w: 4 })).toBe('tooFewMembers');
    expect(canEverBeSatisfied(config, { w: 'nowhere' })).toBe('unknownMode');
  });

  it('steps down when no majority has answered for an election timeout, messages received notwithstanding', () => {
    const member = primary();
    for (let now = 100; now < 2500; now += 100) {
      say(member, heartbeat(1, {}, 2), now);
      step(member, { kind: 'tick', now, random: 0.5 });
    }
    expect(member.role.kind).toBe('secondary');
  });

  it('refuses a second configuration before the first is held by a majority, and two voters at a time', () => {
    const member = primary();
    const three = { ...config, version: 2 };
    const busy = step(member, {
      kind: 'reconfig',
      command: 1,
      config: three,
      force: false,
      now: 3,
    });
    expect(busy).toContainEqual(
      expect.objectContaining({
        outcome: expect.objectContaining({ code: 'ConfigurationInProgress' }),
      }),
    );
    const more = [...config.members, { _id: 3, host: 'n3:1' }, { _id: 4, host: 'n4:1' }];
    const two = step(member, {
      kind: 'reconfig',
      command: 2,
      config: { ...three, members: more },
      force: false,
      now: 3,
    });
    expect(two).toContainEqual(
      expect.objectContaining({
        outcome: expect.objectContaining({ code: 'NewReplicaSetConfigurationIncompatible' }),
      }),
    );
  });
});

describe('a secondary', () => {
  it('takes a commit point heard of only if its term is that of its own last entry (G7)', () => {
    const member = secondary({ term: 1, opid: 3 });
    say(member, heartbeat(1, { commitPoint: { term: 2, opid: 0 } }, 2));
    expect(member.commitPoint).toEqual(initialGtid);
    say(member, heartbeat(1, { commitPoint: { term: 1, opid: 9 } }, 2));
    expect(member.commitPoint).toEqual({ term: 1, opid: 3 });
  });

  it('is the same after a copy: its state is plain data', () => {
    const member = secondary({ term: 1, opid: 3 });
    step(member, { kind: 'tick', now: 5, random: 0.3 });
    expect(structuredClone(member)).toEqual(member);
    expect(JSON.parse(JSON.stringify(member))).toMatchObject({ maxKnownTermId: 1 });
  });
});

describe('a member whose log nobody continues', () => {
  /** It has (1,3) and pulls from member 1, which is at (1,9). */
  function behind(): Member {
    const member = secondary({ term: 1, opid: 3 });
    step(member, { kind: 'tick', now: 0, random: 0 });
    const ahead = status({ state: 'PRIMARY', electionTermId: 1, lastEntry: { term: 1, opid: 9 } });
    const answer = { kind: 'heartbeatAnswer', sequence: 1, status: ahead } as const;
    say(member, { ...header, from: 1, incarnation: 'i1', ...answer });
    expect(member.sync.source).toBe(1);
    return member;
  }
  const sourceLastEntry = { term: 1, opid: 9 };
  const tooOld = {
    kind: 'fetched',
    source: 1,
    outcome: 'tooOld',
    sourceLastEntry,
    now: 1,
  } as const;

  it('copies it all anew, and tells everybody by its state', () => {
    const member = behind();
    const states = step(member, tooOld).flatMap((one): unknown[] => {
      if (one.kind === 'role') return [one.state];
      return one.kind === 'startInitialSync' ? [one.held] : [];
    });
    expect(states).toEqual(['RECOVERING', 'STARTUP2', { term: 1, opid: 3 }]);
  });

  it('asks everybody who may remember more before it does', () => {
    const member = behind();
    say(member, {
      ...header,
      from: 2,
      incarnation: 'i2',
      kind: 'heartbeatAnswer',
      sequence: 2,
      status: status({ lastEntry: { term: 1, opid: 8 } }),
    });
    step(member, tooOld);
    expect(member.sync.source).toBe(2);
    expect(member.role.kind).toBe('secondary');
    step(member, { ...tooOld, source: 2 });
    expect(member.role.kind).toBe('initialSync');
  });

  it('is quiet meanwhile, also after a crash, and remembers the terms of what it held', () => {
    const member = behind();
    step(member, tooOld);
    expect(canAcknowledge(member)).toBe(false);
    expect(voteAnswer(say(member, voteRequest(2, { term: 1, opid: 9 }, 2))).because).toBe(
      'voterCannotVote',
    );
    const again = secondary(initialGtid, {
      needsInitialSync: true,
      heldBefore: { term: 7, opid: 3 },
    });
    expect(again.maxKnownTermId).toBe(7);
  });

  it('remembers what it held while a configuration does not name it', () => {
    const held = { term: 7, opid: 3 };
    const again = secondary(initialGtid, { needsInitialSync: true, heldBefore: held });
    hears(again, { ...config, version: 2, members: config.members.slice(1) });
    expect(again.role).toEqual({ kind: 'removed', held });
    hears(again, { ...config, version: 3 });
    expect(again.role).toMatchObject({ kind: 'initialSync', held });
  });

  it('takes no copy from a member that is not as far as it was', () => {
    const again = secondary(initialGtid, {
      needsInitialSync: true,
      heldBefore: { term: 1, opid: 9 },
    });
    const from = (id: number, opid: number) =>
      say(again, {
        ...header,
        from: id,
        incarnation: `i${id}`,
        kind: 'heartbeatAnswer',
        sequence: 1,
        status: status({ lastEntry: { term: 1, opid } }),
      });
    from(1, 8);
    expect(again.role).toMatchObject({ kind: 'initialSync', source: undefined });
    from(2, 9);
    expect(again.role).toMatchObject({ kind: 'initialSync', source: 2 });
    const finished = { kind: 'initialSyncFinished', outcome: 'ok', source: 2, now: 2 } as const;
    const effects = step(again, { ...finished, lastEntry: { term: 1, opid: 7 } });
    expect(effects).toContainEqual(expect.objectContaining({ kind: 'fatal' }));
  });

  it('does the same when a rollback finds no common point', () => {
    const member = behind();
    step(member, { ...tooOld, outcome: 'diverged' });
    expect(member.role.kind).toBe('rollback');
    const effects = step(member, { kind: 'noCommonPoint', source: 1, now: 2 });
    expect(effects).toContainEqual(expect.objectContaining({ kind: 'startInitialSync' }));
  });
});

describe('configurations', () => {
  it('are refused with a sentence when they cannot work', () => {
    const broken = (members: Parameters<typeof completeConfig>[0]['members']) =>
      configProblem(completeConfig({ _id: 'rs', members }));
    expect(broken([])).toContain('at least one member');
    expect(
      broken([
        { _id: 0, host: 'a' },
        { _id: 0, host: 'b' },
      ]),
    ).toContain('same _id');
    expect(broken([{ _id: 0, host: 'a', hidden: true }])).toContain('priority must be 0');
    expect(broken([{ _id: 0, host: 'a', votes: 0, priority: 1 }])).toContain('does not vote');
    expect(broken(Array.from({ length: 8 }, (_, i) => ({ _id: i, host: `${i}` })))).toContain(
      'at most 7',
    );
    expect(broken([{ _id: 0, host: 'a' }])).toBeUndefined();
  });

  it('count a write majority over all voters, capped at those that can hold data', () => {
    const arbiters = [1, 2, 3].map((id) => ({ _id: id, host: `${id}`, arbiterOnly: true }));
    expect(
      writeMajority(completeConfig({ _id: 'rs', members: [{ _id: 0, host: 'a' }, ...arbiters] })),
    ).toBe(1);
    expect(writeMajority(config)).toBe(2);
    expect(voterChanges(config, { ...config, members: config.members.slice(1) })).toBe(1);
  });
});

describe('safety rules', () => {
  it('cannot be turned off outside of tests', () => {
    const rules = { testOnly: false, off: ['oneVotePerTerm'] } as unknown as {
      testOnly: true;
      off: [];
    };
    const options = {
      host: 'a:1',
      incarnation: 'i',
      processId: 'p',
      now: 0,
      needsInitialSync: false,
    };
    expect(() => createMember({ ...options, rules })).toThrow('tests only');
  });
});
