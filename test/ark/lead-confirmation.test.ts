import { describe, expect, it } from 'vitest';
import type { Member, Message, SafetyRules } from '../../src/ark/index.ts';
import { arkProtocol, World, type WorldOptions } from '../simulation/world/index.ts';

type Cluster = World<Member>;

/* G11: what a linearizable read waits for. n0 is primary (it ranks first). */

function withPrimaryZero(
  options: Partial<WorldOptions<Member>> = {},
  off: readonly (keyof SafetyRules)[] = [],
): Cluster {
  const cluster = new World({ protocol: arkProtocol(off), members: 5, ...options }).bootstrap();
  expect(cluster.awaitPrimary()).toBe(0);
  cluster.run(3000);
  return cluster;
}

let lastCommand = 1_000_000;

/** Asks n0 as a client does after a read; the answer is found by the number. */
function ask(cluster: Cluster, term = tenure(cluster)): number {
  lastCommand += 1;
  cluster.feed(0, { kind: 'confirmLead', command: lastCommand, term, now: cluster.now });
  return lastCommand;
}

function tenure(cluster: Cluster): number {
  const { role } = cluster.member(0);
  return role.kind === 'primary' ? role.term : 0;
}

function answerTo(cluster: Cluster, command: number) {
  return cluster.node(0).replies.get(command)?.outcome;
}

/** Two of five stay with the old primary's side, the others have elected another, which has acknowledged a write. */
function cutOffOldPrimary(off: readonly (keyof SafetyRules)[] = []): Cluster {
  const cluster = withPrimaryZero({}, off);
  cluster.network.cut([0, 1], [2, 3, 4]);
  for (const id of [2, 3, 4])
    cluster.feed(id, { kind: 'peerDisconnected', member: 0, now: cluster.now });
  const elected = () => [2, 3, 4].find((id) => cluster.member(id).role.kind === 'primary') ?? -1;
  cluster.runUntil(() => elected() !== -1 && cluster.write(elected()) !== undefined);
  const write = cluster.member(elected()).lastEntry;
  cluster.runUntil(() => cluster.isAcknowledged(elected(), write));
  // Nothing has told the old primary yet: it reads what is no longer the newest.
  expect(cluster.member(0).role.kind).toBe('primary');
  expect(cluster.holds(0, write)).toBe(false);
  return cluster;
}

describe('a primary that is asked whether it leads still', () => {
  it('says yes after one round trip, and writes nothing for it', () => {
    const cluster = withPrimaryZero();
    const { lastEntry } = cluster.member(0);
    const asked = cluster.now;

    const command = ask(cluster);
    cluster.runUntil(() => answerTo(cluster, command) !== undefined);

    expect(answerTo(cluster, command)).toEqual({ ok: true });
    expect(cluster.now - asked).toBeLessThanOrEqual(2);
    expect(cluster.member(0).lastEntry).toEqual(lastEntry);
  });

  it('asks the others at most twice for any number of readers of one moment', () => {
    const cluster = withPrimaryZero();
    const before = cluster.sentKinds.heartbeatRequest ?? 0;

    const commands = Array.from({ length: 100 }, () => ask(cluster));
    cluster.runUntil(() => commands.every((command) => answerTo(cluster, command) !== undefined));

    expect((cluster.sentKinds.heartbeatRequest ?? 0) - before).toBeLessThanOrEqual(2 * 4);
  });

  it('says nothing while the newest entry it may have read is not committed', () => {
    const cluster = withPrimaryZero();
    cluster.network.filter = (_from, to, message) => to !== 0 || withoutPositions(message);
    const write = cluster.write(0);
    const command = ask(cluster);
    cluster.run(1000);
    expect(answerTo(cluster, command)).toBeUndefined();

    cluster.network.heal();
    cluster.runUntil(() => answerTo(cluster, command) !== undefined);

    expect(cluster.isCommitted(write!)).toBe(true);
  });

  it('is helped by its regular heartbeats when those of the round are lost', () => {
    const cluster = withPrimaryZero();
    cluster.network.filter = () => false;
    const command = ask(cluster);
    cluster.run(50);
    cluster.network.heal();

    cluster.runUntil(() => answerTo(cluster, command) !== undefined, 1000);

    expect(answerTo(cluster, command)).toEqual({ ok: true });
  });

  it('does not speak for another tenure than the one that was read in', () => {
    const cluster = withPrimaryZero();

    expect(answerTo(cluster, ask(cluster, tenure(cluster) - 1))).toMatchObject({
      ok: false,
      code: 'PrimarySteppedDown',
    });
  });

  it('alone in its set says yes at once', () => {
    const cluster = withPrimaryZero({ members: 1 });

    expect(answerTo(cluster, ask(cluster))).toEqual({ ok: true });
  });
});

describe('a primary that has been succeeded without knowing it', () => {
  it('never says yes, and no when it learns of it', () => {
    const cluster = cutOffOldPrimary();

    const command = ask(cluster);
    cluster.runUntil(() => answerTo(cluster, command) !== undefined, 5000);

    expect(answerTo(cluster, command)).toMatchObject({ ok: false, code: 'PrimarySteppedDown' });
  });

  it('would say yes if answers from before the read counted', () => {
    const cluster = cutOffOldPrimary(['leadConfirmedAfterRead']);

    expect(answerTo(cluster, ask(cluster))).toEqual({ ok: true });
  });

  it('is not helped by answers that were under way when it was asked', () => {
    const cluster = withPrimaryZero();
    const late: (() => void)[] = [];
    cluster.network.filter = (from, to, message) => {
      if (to !== 0 || from < 2 || message.kind !== 'heartbeatAnswer') return true;
      late.push(() => cluster.feed(0, { kind: 'message', message, now: cluster.now }));
      return false;
    };
    cluster.runUntil(() => late.length >= 3);
    cluster.network.cut([0, 1], [2, 3, 4]);

    const command = ask(cluster);
    for (const deliver of late) deliver();
    cluster.run(500);

    expect(cluster.member(0).role.kind).toBe('primary');
    expect(answerTo(cluster, command)).toBeUndefined();
  });
});

describe('those who can vouch for a primary', () => {
  const vouches = (overrides: WorldOptions<Member>['memberOverrides'], members: number) => {
    const cluster = withPrimaryZero({
      members,
      ...(overrides === undefined ? {} : { memberOverrides: overrides }),
    });
    const others = [...Array(members).keys()].filter((id) => id > 1);
    cluster.network.cut([0], others);
    const command = ask(cluster);
    cluster.run(200);
    return answerTo(cluster, command)?.ok === true;
  };

  it('are voters, an arbiter among them, and never a member without a vote', () => {
    expect(vouches({ 1: { arbiterOnly: true, priority: 0 } }, 3)).toBe(true);
    expect(vouches({ 1: { votes: 0, priority: 0 } }, 4)).toBe(false);
  });

  it('are no members whose data directory is another than the recorded one', () => {
    const cluster = withPrimaryZero({ members: 3 });
    cluster.network.filter = (_from, to, message) =>
      to !== 0 || message.kind !== 'heartbeatAnswer' || { ...message, incarnation: 'other' };

    const command = ask(cluster);
    cluster.run(200);

    expect(answerTo(cluster, command)).toBeUndefined();
  });
});

function withoutPositions(message: Message): boolean | Message {
  if (message.kind === 'positionReport') return false;
  if (!('status' in message)) return true;
  return { ...message, status: { ...message.status, acknowledged: undefined } };
}
