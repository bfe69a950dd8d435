import { describe, expect, it } from 'vitest';
import { compareGtids } from '../../../src/ark/index.ts';
import { World } from '../world/index.ts';
import { predecessorProtocol } from './predecessor-protocol.ts';
import { mongodb24, mongodb26, type PredecessorRules, tokumx15 } from './rules.ts';

/*
 * The controls are no straw men: they elect, acknowledge, fail over and roll back as they are known to. What they lose is in
 * `test/simulation/paper.test.ts`.
 */

function worldOf(rules: PredecessorRules, seed = 1, members = 3) {
  return new World({
    protocol: predecessorProtocol(rules),
    members,
    seed,
    networkMillis: [1, 2],
    invariants: 'none',
  }).bootstrap();
}

const all = [mongodb24, mongodb26, tokumx15];
const seeds = [1, 2, 3, 4, 5];

describe.each(all)('$name', (rules) => {
  it.each(seeds)('elects one primary of a new set within seconds (seed %i)', (seed) => {
    const world = worldOf(rules, seed, 5);
    world.awaitPrimary(10_000);
    world.run(20_000);
    expect(world.nodes.filter(({ view }) => view?.isWritable)).toHaveLength(1);
  });

  it('acknowledges writes and brings them to all members', () => {
    const world = worldOf(rules);
    const primary = world.awaitPrimary();
    world.run(10_000);
    for (let i = 0; i < 20; i++) {
      const gtid = world.write(primary)!;
      world.runUntil(() => world.isAcknowledged(primary, gtid), 1000);
    }
    world.run(1000);
    expect(world.logsAreEqual()).toBe(true);
    expect(world.node(primary).log!.index).toBe(20);
  });

  it('does not acknowledge what no majority has', () => {
    const world = worldOf(rules);
    const primary = world.awaitPrimary();
    world.run(10_000);
    world.network.cut(
      [primary],
      world.nodes.map(({ id }) => id).filter((id) => id !== primary),
    );
    const gtid = world.write(primary)!;
    world.run(5000);
    expect(world.node(primary).view?.isWritable).toBe(true);
    expect(world.isAcknowledged(primary, gtid)).toBe(false);
  });

  it.each(seeds)(
    'replaces a primary whose process dies, in seconds once votes are free again (seed %i)',
    (seed) => {
      const world = worldOf(rules, seed);
      const primary = world.awaitPrimary();
      world.run(40_000);
      const died = world.now;
      world.crash(primary);
      world.runUntil(() => world.primary() !== undefined, 10_000);
      expect(world.now - died).toBeLessThan(7000);
    },
  );

  it('replaces a primary that is cut off, which steps down about twelve seconds later', () => {
    const world = worldOf(rules);
    const primary = world.awaitPrimary();
    world.run(40_000);
    world.network.cut(
      [primary],
      world.nodes.map(({ id }) => id).filter((id) => id !== primary),
    );
    const cutAt = world.now;
    world.runUntil(() => !world.node(primary).view!.isWritable, 20_000);
    expect(world.now - cutAt).toBeGreaterThan(9000);
    expect(world.now - cutAt).toBeLessThan(15_000);
    world.runUntil(() => world.primary() !== undefined, 20_000);
    expect(world.primary()).not.toBe(primary);
  });

  it('rolls back what a dead primary alone has, when it comes back', () => {
    const world = worldOf(rules);
    const first = world.awaitPrimary();
    world.run(40_000);
    const others = world.nodes.map(({ id }) => id).filter((id) => id !== first);
    world.network.cut([first], others);
    const lost = world.write(first)!;
    world.run(100);
    world.crash(first, 1);
    world.runUntil(() => world.primary() !== undefined, 40_000);
    const second = world.primary()!;
    const kept = world.write(second)!;
    world.network.heal();
    world.start(first);
    world.runUntil(() => world.logsAreEqual(), 90_000);
    expect(world.holds(first, kept)).toBe(true);
    expect(compareGtids(lost, kept) === 0 || !world.holds(first, lost)).toBe(true);
  });

  it('gives one yes in thirty seconds: a primary that dies right after its election is missed for so long', () => {
    const world = worldOf(rules);
    const first = world.awaitPrimary();
    const elected = world.now;
    world.run(1000);
    world.crash(first);
    world.runUntil(() => world.primary() !== undefined, 60_000);
    expect(world.now - elected).toBeGreaterThanOrEqual(30_000);
    expect(world.now - elected).toBeLessThan(36_000);
  });

  it('lets no candidate pass that is behind a member it can ask', () => {
    const world = worldOf(rules);
    const primary = world.awaitPrimary();
    world.run(40_000);
    const [ahead, behind] = world.nodes.map(({ id }) => id).filter((id) => id !== primary);
    world.network.cutOneWay(primary, behind!);
    world.command(behind!, { kind: 'syncFrom', member: primary });
    const gtid = world.write(primary)!;
    world.runUntil(() => world.holds(ahead!, gtid), 3000);
    expect(world.holds(behind!, gtid)).toBe(false);
    world.crash(primary);
    world.network.heal();
    world.runUntil(() => world.primary() !== undefined, 20_000);
    expect(world.primary()).toBe(ahead);
  });
});

describe('two primaries that see each other', () => {
  /**
   * n0 still reaches n2 and so has a majority, but neither n1 nor n2 reaches n0: another is elected beside it. Then all see each other.
   * Who remains?
   */
  function twoPrimaries(rules: PredecessorRules, seed: number, skewSeconds = 0): string {
    const world = new World({
      protocol: predecessorProtocol(rules),
      members: 3,
      seed,
      invariants: 'none',
      networkMillis: [1, 2],
    });
    world.nodes[0]!.clock.skewMillis += skewSeconds * 1000;
    world.bootstrap();
    world.command(1, { kind: 'freeze', millis: 20_000 });
    world.command(2, { kind: 'freeze', millis: 600_000 });
    world.runUntil(() => world.primary() === 0, 20_000);
    world.run(40_000);
    world.network.cut([0], [1]);
    world.network.filter = (from, to, { kind }) =>
      !(from === 0 && to === 2 && kind === 'heartbeatAnswer');
    const isPrimary = (id: number) => world.node(id).view!.isWritable;
    world.runUntil(() => isPrimary(1), 60_000);
    // Without a cut between them nobody notices: SERVER-9848.
    world.run(60_000 + seed * 137);
    expect(world.nodes.filter(({ view }) => view?.isWritable)).toHaveLength(2);
    world.network.heal();
    world.runUntil(() => !isPrimary(0) || !isPrimary(1), 20_000);
    return isPrimary(0) ? 'the old one stays' : 'the new one stays';
  }

  function outcomes(rules: PredecessorRules, skewSeconds = 0): Set<string> {
    const found = Array.from({ length: 12 }, (_, i) => twoPrimaries(rules, i + 1, skewSeconds));
    return new Set(found);
  }

  it('MongoDB 2.4 keeps the lower id', () => {
    expect(outcomes(mongodb24)).toEqual(new Set(['the old one stays']));
  });

  it('MongoDB 2.6 keeps the one elected later by the clock', () => {
    expect(outcomes(mongodb26)).toEqual(new Set(['the new one stays']));
    expect(outcomes(mongodb26, 3600)).toEqual(new Set(['the old one stays']));
  });

  it('TokuMX 1.5 lets whoever notices first step down', () => {
    expect(outcomes(tokumx15)).toEqual(new Set(['the old one stays', 'the new one stays']));
  });
});
