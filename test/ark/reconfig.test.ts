import { describe, expect, it } from 'vitest';
import type { Member, SafetyRules } from '../../src/ark/index.ts';
import { arkWorld, InvariantBroken, type World } from '../simulation/world/index.ts';

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
