import { describe, expect, it } from 'vitest';
import { arkWorld, entriesOf, logLength } from '../simulation/world/index.ts';

describe('a new replica set', () => {
  it('elects its initiator in term 1, whose first entry is (1,0)', () => {
    const cluster = arkWorld({ members: 3 });
    for (const { id } of cluster.nodes) cluster.start(id);
    expect(cluster.command(0, { kind: 'initiate', config: cluster.configInput() }).outcome).toEqual(
      { ok: true },
    );
    cluster.awaitPrimary();
    cluster.runUntil(
      () =>
        cluster.logsAreEqual() &&
        cluster.nodes.every(({ member }) => member?.role.kind !== 'initialSync'),
    );
    expect(entriesOf(cluster.node(2).log).map((entry) => entry.gtid)).toEqual([
      { term: 1, opid: 0 },
    ]);
    cluster.runUntil(() => cluster.isCommitted({ term: 1, opid: 0 }));
  });

  it('whose first primary is deposed before anybody has copied from it gets another', () => {
    const cluster = arkWorld({ members: 3 });
    for (const { id } of cluster.nodes) cluster.start(id);
    cluster.command(0, { kind: 'initiate', config: cluster.configInput() });
    cluster.runUntil(() => cluster.member(0).role.kind === 'primary');
    cluster.network.cut([0], [1, 2]);
    cluster.runUntil(() => cluster.member(0).role.kind !== 'primary');
    expect([1, 2].map((id) => cluster.member(id).role.kind)).toEqual([
      'initialSync',
      'initialSync',
    ]);

    cluster.network.heal();

    cluster.awaitPrimary();
    cluster.runUntil(() =>
      cluster.nodes.every(({ member }) => member?.role.kind !== 'initialSync'),
    );
  });

  it.each([0, 1])('forced upon another configuration at n%i gets a primary all the same', (at) => {
    const cluster = arkWorld({ members: 3 });
    for (const { id } of cluster.nodes) cluster.start(id);
    const config = cluster.configInput();
    cluster.command(0, { kind: 'initiate', config });
    cluster.runUntil(() => cluster.member(at).config !== undefined);
    expect(cluster.member(at).config).toMatchObject({ term: 0, version: 1 });

    const next = { ...config, version: 2, settings: { chainingAllowed: false } };
    cluster.command(at, { kind: 'reconfig', force: true, config: next });

    cluster.awaitPrimary();
    cluster.runUntil(() => cluster.isCommitted({ term: 1, opid: 0 }));
    cluster.runUntil(() =>
      cluster.nodes.every(({ member }) => member?.config?.settings.chainingAllowed === false),
    );
  });

  it('of five is complete before the second heartbeat', () => {
    const cluster = arkWorld({ members: 5 });
    for (const { id } of cluster.nodes) cluster.start(id);
    cluster.command(0, { kind: 'initiate', config: cluster.configInput() });
    const isAdmitted = ({ incarnation }: { incarnation?: string }) => incarnation !== undefined;
    cluster.runUntil(
      () => cluster.nodes.every(({ member }) => member?.config?.members.every(isAdmitted) === true),
      400,
    );
    expect(cluster.primary()).toBe(0);
  });

  it('of one member elects itself, in a new term at every start', () => {
    const cluster = arkWorld({ members: 1 });
    cluster.start(0);
    cluster.command(0, { kind: 'initiate', config: cluster.configInput() });
    cluster.awaitPrimary();
    const first = cluster.write(0);
    expect(first).toEqual({ term: 1, opid: 1 });
    cluster.run(100);
    cluster.crash(0);
    cluster.start(0);
    cluster.awaitPrimary();
    expect(cluster.write(0)).toEqual({ term: 2, opid: 1 });
  });
});

describe('losing the primary', () => {
  it('reads as a story', () => {
    const cluster = arkWorld({ members: 3 }).bootstrap();
    const primary = cluster.awaitPrimary();
    cluster.run(3000);
    cluster.beginStory();
    cluster.crash(primary);
    cluster.awaitPrimary();
    cluster.run(3);
    expect(`\n${cluster.story()}\n`).toMatchInlineSnapshot(`
      "
         3010 n0  crashes
         3011 n1  disconnected member=0
         3011 n1  primaryLost primary=0 term=2 because=primaryIsSilent
         3011 n1  is SECONDARY (primaryIsSilent)
         3011 n1  speculativeRound lastEntry=(2,0)
         3011 n2  disconnected member=0
         3011 n2  primaryLost primary=0 term=2 because=primaryIsSilent
         3011 n2  is SECONDARY (primaryIsSilent)
         3011 n2  speculativeRound lastEntry=(2,0)
         3013 n1  votingRound term=3 handoff=false
         3013 n2  tieSleep millis=81
         3014 n2  electionAbandoned phase=tie because=votedForAnother
         3014 n2  voted candidate=1 term=3
         3017 n1  voted candidate=1 term=3
         3019 n1  electionWon term=3 votes=2
         3019 n1  is PRIMARY (elected)
         3019 n1  config version=1 term=3 admission=2 because=elected
         3019 n1  is PRIMARY, writable (tenureOpened)
         3020 n2  newPrimary primary=1 term=3
         3020 n2  is SECONDARY (newPrimary)
      "
    `);
  });

  it('gives a new writable primary within a second, whatever the draw', () => {
    for (let seed = 1; seed <= 30; seed++) {
      const cluster = arkWorld({
        members: 3,
        seed,
        networkMillis: [0.2, 3],
        slowDisks: true,
      }).bootstrap();
      const primary = cluster.awaitPrimary();
      cluster.run(2000 + seed * 37);
      const killedAt = cluster.now;
      cluster.crash(primary);
      cluster.awaitPrimary();
      expect(cluster.now - killedAt).toBeLessThan(1000);
    }
  });

  it('S-8084: works again and again, right after an election', () => {
    const cluster = arkWorld({ members: 3, seed: 5 }).bootstrap();
    for (let i = 0; i < 8; i++) {
      const primary = cluster.awaitPrimary(3000);
      cluster.crash(primary);
      cluster.run(5);
      cluster.start(primary);
    }
    cluster.awaitPrimary(3000);
  });

  it('without any sign takes the election timeout', () => {
    const cluster = arkWorld({ members: 3 }).bootstrap();
    const primary = cluster.awaitPrimary();
    cluster.run(2000);
    const others = [0, 1, 2].filter((id) => id !== primary);
    const cutAt = cluster.now;
    cluster.network.cut([primary], others);
    cluster.runUntil(() => cluster.primary() !== undefined && cluster.primary() !== primary);
    expect(cluster.now - cutAt).toBeGreaterThan(1000);
    expect(cluster.now - cutAt).toBeLessThan(4000);
  });
});

describe('a broken connection alone', () => {
  it('does not depose a primary that the others still hear (NoUselessDepose)', () => {
    const cluster = arkWorld({ members: 3 }).bootstrap();
    const primary = cluster.awaitPrimary();
    cluster.run(1500);
    const [other = -1] = [0, 1, 2].filter((id) => id !== primary);
    const term = cluster.member(primary).maxVotedTermId;
    cluster.feed(other, { kind: 'peerDisconnected', member: primary, now: cluster.now });
    cluster.run(5000);
    expect(cluster.primary()).toBe(primary);
    expect(cluster.member(primary).maxVotedTermId).toBe(term);
    expect(cluster.sentKinds.voteRequest).toBe(2);
  });
});

describe('stepping down', () => {
  it('hands over to a caught-up secondary within a few round trips', () => {
    const cluster = arkWorld({ members: 3 }).bootstrap();
    const primary = cluster.awaitPrimary();
    cluster.run(1500);
    cluster.write(primary);
    cluster.run(1000);
    const at = cluster.now;
    const dryRuns: number[] = [];
    cluster.watchers.onSend.push((node, { kind }) => {
      if (kind === 'speculativeVoteRequest') dryRuns.push(node.id);
    });
    const { outcome } = cluster.command(primary, {
      kind: 'stepDown',
      force: false,
      freezeMillis: 10_000,
    });
    expect(outcome).toEqual({ ok: true });
    expect(cluster.sentKinds.standNow).toBe(1);
    cluster.runUntil(() => cluster.primary() !== undefined && cluster.primary() !== primary);
    expect(cluster.now - at).toBeLessThan(30);
    // Whom the old primary has named needs no dry run.
    expect(dryRuns).not.toContain(cluster.primary());
    cluster.run(8000);
    expect(cluster.primary()).not.toBe(primary);
  });

  it('is refused while nobody has caught up, unless forced', () => {
    const cluster = arkWorld({ members: 3 }).bootstrap();
    const primary = cluster.awaitPrimary();
    cluster.run(1500);
    cluster.network.cut(
      [primary],
      [0, 1, 2].filter((id) => id !== primary),
    );
    cluster.write(primary);
    const refused = cluster.command(primary, { kind: 'stepDown', force: false, freezeMillis: 100 });
    expect(refused.outcome).toMatchObject({ ok: false, code: 'ExceededTimeLimit' });
    const forced = cluster.command(primary, { kind: 'stepDown', force: true, freezeMillis: 100 });
    expect(forced.outcome).toEqual({ ok: true });
    expect(cluster.member(primary).role.kind).toBe('secondary');
  });

  it('leaves the lead to a member of higher priority once that has caught up', () => {
    const cluster = arkWorld({
      members: 3,
      memberOverrides: { 2: { priority: 5 } },
    }).bootstrap();
    cluster.crash(2);
    const first = cluster.awaitPrimary();
    expect(first).not.toBe(2);
    cluster.run(2000);
    cluster.start(2);
    cluster.runUntil(() => cluster.primary() === 2, 10_000);
    cluster.run(5000);
    expect(cluster.primary()).toBe(2);
  });

  it('never elects a member of priority 0', () => {
    const cluster = arkWorld({
      members: 3,
      memberOverrides: { 0: { priority: 0 }, 1: { priority: 0 } },
    }).bootstrap();
    expect(cluster.awaitPrimary()).toBe(2);
    cluster.crash(2);
    cluster.run(10_000);
    expect(cluster.primary()).toBeUndefined();
  });

  it('frees an arbiter from nothing but its vote', () => {
    const overrides = { 2: { arbiterOnly: true, priority: 0 } };
    const cluster = arkWorld({ members: 3, memberOverrides: overrides }).bootstrap();
    const first = cluster.awaitPrimary();
    cluster.run(1000);
    cluster.crash(first);
    const second = cluster.awaitPrimary();
    expect([first, second].toSorted()).toEqual([0, 1]);
    expect(cluster.node(2).log).toBeUndefined();
    expect(cluster.node(2).disk.vote?.candidate).toBe(second);
  });
});

describe('a secondary that pulls from another', () => {
  it('turns to the primary when its source is cut off from everybody else and brings nothing more', () => {
    const cluster = arkWorld({ members: 3 }).bootstrap();
    const primary = cluster.awaitPrimary();
    cluster.run(1500);
    const [chained = -1, source = -1] = [0, 1, 2].filter((id) => id !== primary);
    // Only a source that is ahead is taken: the one pulls while the other cannot.
    cluster.network.cut([primary], [chained]);
    cluster.write(primary);
    cluster.runUntil(() => cluster.member(chained).sync.source === source);
    cluster.network.heal();
    cluster.network.cut([primary], [source]);
    const gtid = cluster.write(primary)!;
    cluster.runUntil(() => cluster.isCommitted(gtid), 10_000);
    expect(cluster.member(chained).sync.source).toBe(primary);
  });
});

describe('a secondary that is too stale', () => {
  it('copies all data when the only member it may pull from forgets its position, whatever others keep', () => {
    const settings = { chainingAllowed: false };
    const cluster = arkWorld({ members: 3, config: { settings } }).bootstrap();
    const primary = cluster.awaitPrimary();
    cluster.run(1500);
    const [stale = -1] = [0, 1, 2].filter((id) => id !== primary);
    cluster.crash(stale);
    for (let i = 0; i < 3; i++) cluster.write(primary);
    cluster.run(100);
    const { disk, log } = cluster.node(primary);
    disk.oldestIndex = logLength(log) - 1;
    cluster.start(stale);
    cluster.runUntil(() => cluster.logsAreEqual(), 5000);
  });
});

describe('a deposed primary that sees only a follower of the new one', () => {
  it('pulls from that follower, whatever the new primary said when it last was heard', () => {
    const cluster = arkWorld({ members: 3 }).bootstrap();
    const deposed = cluster.awaitPrimary();
    cluster.run(1500);
    const others = [0, 1, 2].filter((id) => id !== deposed);
    cluster.network.cut([deposed], others);
    cluster.runUntil(() => others.includes(cluster.primary() ?? -1));
    const elected = cluster.primary()!;
    cluster.network.heal();
    cluster.network.cut([deposed], [elected]);
    cluster.write(elected);
    cluster.runUntil(() => cluster.logsAreEqual(), 5000);
  });
});

describe('a member that a source has refused as too stale', () => {
  it('copies all data before long when the other it could follow is gone for good', () => {
    const cluster = arkWorld({ members: 3 }).bootstrap();
    const primary = cluster.awaitPrimary();
    cluster.run(1500);
    const [stale = -1, other = -1] = [0, 1, 2].filter((id) => id !== primary);
    cluster.crash(stale);
    for (let i = 0; i < 3; i++) cluster.write(primary);
    cluster.run(100);
    cluster.start(stale);
    // The one that could be followed is known, and then out of reach before it is asked.
    const { disk, log } = cluster.node(primary);
    disk.oldestIndex = logLength(log) - 1;
    cluster.runUntil(() => cluster.member(stale).sync.tooStaleFor.length > 0);
    cluster.network.cut([other], [primary, stale]);
    cluster.runUntil(() => cluster.node(stale).log === cluster.node(primary).log, 15_000);
  });

  it('asks it again once another has brought it further', () => {
    const cluster = arkWorld({ members: 3 }).bootstrap();
    const primary = cluster.awaitPrimary();
    cluster.run(1500);
    const [stale = -1, other = -1] = [0, 1, 2].filter((id) => id !== primary);
    cluster.crash(stale);
    for (let i = 0; i < 3; i++) cluster.write(primary);
    cluster.run(100);
    // The other has all entries and no connection to the primary, which keeps the last one only.
    cluster.network.cut([primary], [other]);
    const { disk, log } = cluster.node(primary);
    disk.oldestIndex = logLength(log) - 1;
    cluster.start(stale);
    const gtid = cluster.write(primary)!;
    cluster.runUntil(() => cluster.holds(stale, gtid), 5000);
  });
});

describe('a set whose freshest member builds no indexes and cannot lead', () => {
  it('gets a primary, which has pulled from that member first', () => {
    const memberOverrides = { 1: { priority: 0, buildIndexes: false } };
    const cluster = arkWorld({ members: 2, memberOverrides }).bootstrap();
    cluster.awaitPrimary();
    cluster.run(1500);
    const gtid = cluster.write(0)!;
    cluster.runUntil(() => cluster.node(1).log === cluster.node(0).log);
    // The primary loses what only the other has made durable.
    cluster.run(1);
    cluster.crash(0);
    cluster.node(0).disk.durable = cluster.node(0).disk.durable?.previous;
    cluster.start(0);
    cluster.runUntil(() => cluster.primary() === 0, 10_000);
    expect(cluster.holds(0, gtid)).toBe(true);
  });
});
