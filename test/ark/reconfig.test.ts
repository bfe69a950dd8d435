import { describe, expect, it } from 'vitest';
import type { Member, SafetyRules } from '../../src/ark/index.ts';
import { arkWorld, InvariantBroken, lastGtid, type World } from '../simulation/world/index.ts';

/* G12: what a cut-off primary could do with configurations that do not meet the old ones. n0 is primary of five. */

function withCutOffPrimary(off: readonly (keyof SafetyRules)[]): World<Member> {
  const world = arkWorld({ members: 5, off }).bootstrap();
  expect(world.awaitPrimary()).toBe(0);
  world.run(3000);
  world.network.cut([0], [1, 2, 3, 4]);
  for (const id of [1, 2, 3, 4])
    world.feed(id, { kind: 'peerDisconnected', member: 0, now: world.now });
  return world;
}

/** The primary leaves itself these members, if it is let. */
function keepOnly(world: World<Member>, ...kept: readonly number[]) {
  const { config } = world.member(0);
  const members = config!.members.filter(({ _id }) => kept.includes(_id));
  const next = { ...config!, version: config!.version + 1, members };
  return world.command(0, { kind: 'reconfig', config: next, force: false }).outcome;
}

/** Both sides write; a breach of what was committed throws. */
function bothSidesWrite(world: World<Member>): void {
  world.run(50);
  world.write(0);
  world.runUntil(() => (world.primary() ?? 0) !== 0);
  world.write(world.primary()!);
  world.run(100);
  world.network.heal();
  world.run(5000);
}

describe('a primary that no majority hears', () => {
  it('cannot make a smaller set of its own at once', () => {
    const world = withCutOffPrimary([]);

    expect(keepOnly(world, 0)).toMatchObject({
      ok: false,
      code: 'NewReplicaSetConfigurationIncompatible',
    });
    expect(() => bothSidesWrite(world)).not.toThrow();
  });

  it('cannot make one step by step either', () => {
    const world = withCutOffPrimary([]);

    expect(keepOnly(world, 0, 1, 2, 3)).toEqual({ ok: true });
    expect(keepOnly(world, 0, 1, 2)).toMatchObject({ ok: false, code: 'ConfigurationInProgress' });
    expect(() => bothSidesWrite(world)).not.toThrow();
  });

  it('would commit beside its successor if several voters could go at once', () => {
    const world = withCutOffPrimary(['oneVoterAtATime']);

    expect(keepOnly(world, 0)).toEqual({ ok: true });
    expect(() => bothSidesWrite(world)).toThrow(InvariantBroken);
  });

  it('would commit beside its successor if the next step did not wait for the one before', () => {
    const world = withCutOffPrimary(['configCommittedFirst']);

    for (const kept of [[0, 1, 2, 3], [0, 1, 2], [0, 1], [0]])
      expect(keepOnly(world, ...kept)).toEqual({ ok: true });
    expect(() => bothSidesWrite(world)).toThrow(InvariantBroken);
  });
});

describe('a voter', () => {
  function keep(world: World<Member>, ...kept: readonly number[]) {
    const { config } = world.member(0);
    const members = config!.members.filter(({ _id }) => kept.includes(_id));
    const next = { ...config!, version: config!.version + 1, members };
    return world.command(0, { kind: 'reconfig', config: next, force: false }).outcome;
  }

  function setOfThree(): World<Member> {
    const world = arkWorld({ members: 3 }).bootstrap();
    expect(world.awaitPrimary()).toBe(0);
    return world.run(3000);
  }

  it('stays while another one is down, without which the rest is no majority', () => {
    const world = setOfThree();
    world.crash(2);
    world.run(3000);

    expect(keep(world, 0, 2)).toEqual({
      ok: false,
      code: 'NodeNotFound',
      message:
        'Quorum check failed because not enough voting nodes responded; required 2 but only the following 1 voting nodes responded: n0:1; the following nodes did not respond affirmatively: n2:1',
    });
    expect(keep(world, 0, 1)).toEqual({ ok: true });
  });

  it('stays while another one has no data, and goes when that one counts again', () => {
    const world = setOfThree();
    world.wipe(2);
    world.start(2);
    const isBeingReplaced = () => world.member(0).config?.members[2]?.incarnation === '';
    world.runUntil(isBeingReplaced);
    const outcomes = new Set<string | undefined>();
    while (isBeingReplaced()) {
      const outcome = keep(world, 0, 2);
      outcomes.add(outcome.ok ? 'ok' : outcome.code);
      world.run(1);
    }
    expect([...outcomes]).toEqual(['ConfigurationInProgress', 'NodeNotFound']);

    const isAdmitted = () =>
      world.member(0).config?.members[2]?.incarnation === world.member(2).incarnation;
    world.runUntil(isAdmitted).run(1000);

    expect(keep(world, 0, 2)).toEqual({ ok: true });
    const last = world.write(0)!;
    world.runUntil(() => world.isCommitted(last));
  });
});

/* Where arbiters outnumber the data members a majority of the voters cannot hold anything: fewer commit, and meet fewer. */
describe('a set with an arbiter', () => {
  const arbiter = { arbiterOnly: true, priority: 0 };

  function reconfigured(world: World<Member>, members: readonly { readonly _id: number }[]) {
    const { config } = world.member(0);
    const next = { ...config!, version: config!.version + 1, members };
    return world.command(0, { kind: 'reconfig', config: next, force: false }).outcome;
  }

  /** A primary and an arbiter; n1 is not in the set. The primary writes alone, then n1 and the arbiter are left. */
  function addedAndLost(off: readonly (keyof SafetyRules)[]): World<Member> {
    const world = arkWorld({
      members: 3,
      off,
      config: {
        members: [
          { _id: 0, host: 'n0:1' },
          { _id: 2, host: 'n2:1', ...arbiter },
        ],
      },
    }).bootstrap();
    expect(world.awaitPrimary()).toBe(0);
    world.run(3000);
    world.network.cut([1], [0, 2]);
    world.write(0);
    world.run(100);
    return world;
  }

  it('takes no second data member beside the arbiter, who could elect it', () => {
    const world = addedAndLost([]);
    const { members } = world.member(0).config!;

    expect(reconfigured(world, [...members, { _id: 1, host: 'n1:1' } as never])).toMatchObject({
      ok: false,
      code: 'NewReplicaSetConfigurationIncompatible',
      message: expect.stringContaining('Remove an arbiter first'),
    });
  });

  it('would lose what the primary committed alone if it did', () => {
    const world = addedAndLost(['oneVoterAtATime']);
    const { members } = world.member(0).config!;

    expect(reconfigured(world, [...members, { _id: 1, host: 'n1:1' } as never])).toEqual({
      ok: true,
    });
    world.run(50);
    expect(() => {
      world.crash(0);
      world.network.heal();
      world.run(20_000);
    }).toThrow(InvariantBroken);
  });

  it('does not lose its second data member while it keeps the arbiter', () => {
    const world = arkWorld({ members: 3, memberOverrides: { 2: arbiter } }).bootstrap();
    expect(world.awaitPrimary()).toBe(0);
    world.run(3000);
    const { members } = world.member(0).config!;
    const without = (id: number) => members.filter(({ _id }) => _id !== id);

    expect(reconfigured(world, without(1))).toMatchObject({ ok: false });
    expect(reconfigured(world, without(2))).toEqual({ ok: true });
    world.run(3000);
    expect(reconfigured(world, [members[0]!])).toEqual({ ok: true });
  });
});

/* The caller goes on undoing whatever the configuration says, so what the member knows of its log follows that. */
describe('a member that is removed while it undoes entries', () => {
  it('undoes them to the end, is removed, and follows again when it is added', () => {
    const world = arkWorld({ members: 3 }).bootstrap();
    expect(world.awaitPrimary()).toBe(0);
    world.run(100);
    world.network.cut([0], [1, 2]);
    for (let i = 0; i < 40; i++) world.write(0);
    world.runUntil(() => (world.primary() ?? 0) !== 0);
    const primary = world.primary()!;
    world.run(100);
    const { config } = world.member(primary);
    const reconfig = (version: number, members: readonly { readonly _id: number }[]) =>
      world.command(primary, {
        kind: 'reconfig',
        config: { ...config!, version, members },
        force: false,
      }).outcome;
    world.network.heal();
    world.runUntil(() => world.node(0).view?.role === 'rollback');

    expect(reconfig(config!.version + 1, config!.members.slice(1))).toEqual({ ok: true });
    world.runUntil(() => world.member(0).self === undefined);
    expect(world.node(0).view?.role).toBe('rollback');
    world.runUntil(() => world.node(0).view?.role === 'removed');

    expect(world.member(0).lastEntry).toEqual(lastGtid(world.node(0).log));
    world.run(1000);
    expect(reconfig(config!.version + 2, config!.members)).toEqual({ ok: true });
    world.runUntil(() => world.logsAreEqual());
    expect(world.node(0).view?.role).toBe('secondary');
  });
});
