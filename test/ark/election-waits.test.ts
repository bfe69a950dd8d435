import { describe, expect, it } from 'vitest';
import { arkWorld } from '../simulation/world/index.ts';

describe('a candidate', () => {
  it('waits for nothing when the primary dies that it has just elected', () => {
    const world = arkWorld({ members: 5 }).bootstrap();
    world.crash(world.awaitPrimary());
    const second = world.awaitPrimary();
    world.run(50);

    const lostAt = world.now;
    world.crash(second);
    world.awaitPrimary();

    expect(world.now - lostAt).toBeLessThan(50);
  });

  it('does not wait for the votes of members that are down when those that are up refuse', () => {
    const world = arkWorld({ members: 5 }).bootstrap();
    const lost = world.awaitPrimary();
    world.run(1_000);
    const refusing = new Set([2, 3]);
    world.network.filter = (from, _to, message) =>
      message.kind === 'voteAnswer' && refusing.has(from)
        ? { ...message, granted: false, because: 'termIsNotNew' }
        : true;

    const lostAt = world.now;
    world.crash(lost);
    world.runUntil(() => world.story().includes('because=tooManyRefused'));

    expect(lost).toBe(0);
    expect(world.now - lostAt).toBeLessThan(50);
  });
});

describe('a new primary', () => {
  it('is a source at once, also for a member that could not pull from it a moment ago', () => {
    const world = arkWorld({ members: 3 }).bootstrap();
    const lost = world.awaitPrimary();
    world.run(1_000);
    world.command(2, { kind: 'syncFrom', member: 1 });
    world.feed(2, { kind: 'fetched', source: 1, outcome: 'unreachable', now: world.now });

    const before = world.node(lost).view?.term ?? 0;
    const lostAt = world.now;
    world.crash(lost);
    world.runUntil(() => (world.history.committed?.gtid.term ?? 0) > before);

    expect([lost, world.primary()]).toEqual([0, 1]);
    expect(world.now - lostAt).toBeLessThan(50);
  });
});

describe('a candidate that was refused because the loss was not noticed everywhere', () => {
  it('asks again after about a round trip, not after a fixed time', () => {
    const world = arkWorld({ members: 3 }).bootstrap();
    const lost = world.awaitPrimary();
    world.run(2_000);
    const lostAt = world.now;
    // Member 1 hears of the closed connection 10 ms before member 2 does.
    world.network.cut([lost], [2]);
    world.crash(lost);
    world.schedule.after(10, () =>
      world.feed(2, { kind: 'peerDisconnected', member: lost, now: world.now }),
    );
    world.awaitPrimary();

    expect(world.story()).toContain('voterHeardPrimary');
    expect(world.now - lostAt).toBeLessThan(45);
  });
});
