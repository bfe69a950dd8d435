import { describe, expect, it } from 'vitest';
import type { Member, Message } from '../../src/ark/index.ts';
import { arkWorld, logLength, type World } from '../simulation/world/index.ts';

/*
 * Situations of the Ark papers and of the MongoDB tickets they cite, looked at from inside. n0 is primary (it ranks first). The papers' stories, side by
 * side with the protocols before Ark: `test/simulation/paper.test.ts`.
 */

const all = [0, 1, 2, 3, 4];

function fiveWithPrimaryZero(seed = 1): World<Member> {
  const cluster = arkWorld({ members: 5, seed }).bootstrap();
  expect(cluster.awaitPrimary()).toBe(0);
  cluster.run(3000);
  return cluster;
}

function settle(cluster: World<Member>): void {
  cluster.network.heal();
  cluster.runUntil(() => cluster.primary() !== undefined && cluster.logsAreEqual(), 20_000);
}

/** Members that have voted for a candidate that is then frozen; the old primary does not know yet. */
function votesForFrozenCandidate(): World<Member> {
  const cluster = fiveWithPrimaryZero();
  cluster.network.cut([0, 1], [2, 3, 4]);
  cluster.runUntil(() =>
    [3, 4].every(
      (id) => (cluster.node(id).disk.vote?.term ?? 0) > cluster.member(0).maxVotedTermId,
    ),
  );
  const term = cluster.node(3).disk.vote!.term;
  const candidate = cluster.node(3).disk.vote!.candidate;
  cluster.pause(candidate);
  // The gossip of the new term is held back, so that the old primary goes on.
  cluster.network.heal();
  cluster.network.filter = (_from, to, message: Message) => !(to <= 1 && message.term >= term);
  return cluster;
}

describe('white paper, Example 3: voters of a newer term copy an entry of the old one', () => {
  it('copies it without acknowledging it, so the old primary gets no majority', () => {
    const cluster = votesForFrozenCandidate();
    const term = cluster.member(0).maxVotedTermId;
    const a = cluster.write(0)!;
    expect(a.term).toBe(term);
    cluster.run(300);
    const voters = [2, 3, 4].filter(
      (id) => (cluster.node(id).disk.vote?.term ?? 0) > term && !cluster.node(id).isPaused,
    );
    expect(voters.length).toBeGreaterThanOrEqual(2);
    for (const id of voters) expect(cluster.member(id).progress[id]?.position).not.toEqual(a);
    expect(cluster.isAcknowledged(0, a)).toBe(false);
    for (const node of cluster.nodes) if (node.isPaused) cluster.resume(node.id);
    settle(cluster);
    const after = cluster.write(cluster.primary()!)!;
    cluster.runUntil(() => cluster.isCommitted(after), 10_000);
  });
});

describe('Example 4: a failed election', () => {
  it('closes the gate of its one voter until the set has moved to a higher term, then majority writes work again', () => {
    const cluster = arkWorld({ members: 3 }).bootstrap();
    expect(cluster.awaitPrimary()).toBe(0);
    cluster.run(2500);
    const voter = cluster.member(2);
    const term = voter.maxVotedTermId;
    cluster.feed(2, {
      kind: 'message',
      now: cluster.now,
      message: {
        kind: 'voteRequest',
        attempt: 'gone',
        electionTermId: term + 1,
        lastEntry: voter.lastEntry,
        handoff: true,
        set: 'rs',
        from: 1,
        fromHost: 'n1:1',
        to: 2,
        incarnation: 'i1',
        term,
        config: voter.durableConfig,
      },
    });
    expect(voter.maxVotedTermId).toBe(term + 1);
    cluster.runUntil(() => cluster.member(0).role.kind !== 'primary', 3000);
    const primary = cluster.awaitPrimary();
    const gtid = cluster.write(primary)!;
    expect(gtid.term).toBeGreaterThanOrEqual(term + 2);
    cluster.runUntil(() => cluster.isAcknowledged(primary, gtid));
  });
});

describe('SERVER-9848: two primaries, each with a majority, not seeing each other', () => {
  it('the lower term steps down through a common member', () => {
    const cluster = arkWorld({
      members: 3,
      memberOverrides: { 2: { arbiterOnly: true, priority: 0 } },
    }).bootstrap();
    expect(cluster.awaitPrimary()).toBe(0);
    cluster.run(2000);
    cluster.network.cut([0], [1]);
    cluster.network.cutOneWay(0, 2);
    cluster.runUntil(() => cluster.primary() === 1);
    cluster.runUntil(() => cluster.member(0).role.kind === 'secondary');
    cluster.run(3000);
    expect(cluster.primary()).toBe(1);
  });
});

describe('SERVER-14382 and SERVER-14531: the speculative round foretells the vote', () => {
  it('a candidate that would be refused, or gets no majority of answers, asks for no vote and raises no term', () => {
    const cluster = fiveWithPrimaryZero();
    const terms = () => cluster.nodes.map(({ member }) => member?.maxKnownTermId);
    const before = terms();
    const asked = cluster.sentKinds.voteRequest;
    // n4 no longer hears the primary, the others do.
    cluster.network.cut([0], [4]);
    cluster.run(1900);
    cluster.network.filter = (from, to, message) =>
      message.kind !== 'speculativeVoteAnswer' || to !== 4 || from === 1;
    cluster.run(6000);
    expect(cluster.sentKinds.voteRequest).toBe(asked);
    expect(terms()).toEqual(before);
    expect(cluster.primary()).toBe(0);
  });
});

describe('CR1: a voter crashes around its vote', () => {
  it.each([0, 1, 3, 5, 8, 12, 20, 40])(
    'never says yes twice in one term (%i ms after the request)',
    (delay) => {
      // The checker OneVotePerTerm watches every answer that leaves.
      const cluster = arkWorld({ members: 3, diskMillis: 10, seed: delay + 1 }).bootstrap();
      const primary = cluster.awaitPrimary();
      cluster.run(2000);
      cluster.crash(primary);
      const voter = [2, 1].find((id) => id !== primary)!;
      const before = cluster.member(voter).maxVotedTermId;
      cluster.runUntil(() => cluster.member(voter).maxVotedTermId > before);
      cluster.run(delay);
      cluster.crash(voter);
      cluster.start(voter);
      cluster.start(primary);
      cluster.awaitPrimary();
      cluster.run(3000);
    },
  );
});

describe('CR2: a candidate crashes right after winning, losing what was not synced', () => {
  it('its term is never used again', () => {
    const cluster = arkWorld({ members: 3, diskMillis: 10 }).bootstrap();
    const first = cluster.awaitPrimary();
    const { term } = cluster.member(first).role as { term: number };
    const { log, disk } = cluster.node(first);
    expect(logLength(log)).toBeGreaterThan(logLength(disk.durable));
    cluster.crash(first);
    cluster.start(first);
    const second = cluster.awaitPrimary();
    expect((cluster.member(second).role as { term: number }).term).toBeGreaterThan(term);
    cluster.run(3000);
    expect(cluster.logsAreEqual()).toBe(true);
  });
});

describe('Raft figure 8: an old-term entry reaches a majority under a newer primary', () => {
  it('is not reported as committed until an entry of the new term is', () => {
    const cluster = fiveWithPrimaryZero();
    cluster.network.cut([0, 1], [2, 3, 4]);
    const old = cluster.write(0)!;
    cluster.runUntil(() => cluster.holds(1, old));
    cluster.run(20);
    for (const id of all) cluster.crash(id);
    // n0 comes back, wins with n1 and n2, and its no-op is kept from everybody.
    cluster.network.heal();
    for (const id of [0, 1, 2]) cluster.start(id);
    cluster.network.filter = (_from, _to, message) =>
      message.kind !== 'positionReport' && withoutAcknowledgement(message);
    cluster.runUntil(
      () => cluster.primary() !== undefined && [0, 1, 2].every((id) => cluster.holds(id, old)),
    );
    cluster.run(1000);
    expect(cluster.isCommitted(old)).toBe(false);
    cluster.network.filter = () => true;
    const next = cluster.write(cluster.primary()!)!;
    cluster.runUntil(() => cluster.isCommitted(next), 10_000);
    expect(cluster.isCommitted(old)).toBe(true);
  });
});

function withoutAcknowledgement(message: Message): boolean | Message {
  if (!('status' in message)) return true;
  return { ...message, status: { ...message.status, acknowledged: undefined } };
}

describe('G6: a member that lost its data directory', () => {
  it('does not vote or acknowledge before it has copied the data and the primary has recorded it', () => {
    const cluster = arkWorld({ members: 3 }).bootstrap();
    expect(cluster.awaitPrimary()).toBe(0);
    cluster.run(4000);
    expect(cluster.member(0).config?.members.map((one) => one.incarnation)).toEqual([
      'i0',
      'i1',
      'i2',
    ]);
    cluster.wipe(2);
    cluster.start(2);
    const asked = cluster.now;
    cluster.runUntil(() => cluster.member(0).config?.members[2]?.incarnation === '', 10_000);
    expect(cluster.now).toBeGreaterThan(asked);
    cluster.runUntil(() => cluster.member(0).config?.members[2]?.incarnation === "i2'", 10_000);
    cluster.run(2000);
    cluster.crash(0);
    expect([1, 2]).toContain(cluster.awaitPrimary());
  });
});
