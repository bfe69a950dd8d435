import type { Member, SafetyRules } from '../../src/ark/index.ts';
import {
  arkWorld,
  lastGtid,
  logLength,
  randomFrom,
  type World,
} from '../simulation/world/index.ts';

/** What a walk came across, to show that it is not idle. */
export interface WalkReport {
  readonly committed: number;
  readonly rollbacks: number;
  readonly tenures: number;
}

/**
 * Crashes, cuts, pauses, writes and step-downs as the seed says, then everything heals and the set must come to rest: one
 * primary, equal logs, equal commit points. Throws InvariantBroken at the first breach.
 */
export function walk(seed: number, off: readonly (keyof SafetyRules)[] = []): WalkReport {
  const random = randomFrom(seed * 7919);
  const members = random() < 0.5 ? 3 : 5;
  const cluster = arkWorld({
    members,
    seed,
    networkMillis: [1, 1 + random() * 30],
    slowDisks: random() < 0.5,
    diskMillis: random() < 0.5 ? 2 : 20,
    lossRate: random() < 0.3 ? 0.05 : 0,
    off,
    invariants: off.length === 0 ? 'all' : 'losses',
    story: false,
  }).bootstrap();
  for (let i = 0; i < 60; i++) {
    disturb(cluster, random);
    cluster.run(random() * random() * 800);
  }
  rest(cluster);
  return {
    committed: logLength(cluster.history.committed),
    rollbacks: cluster.history.undone,
    tenures: cluster.history.tenures.length,
  };
}

/**
 * A set made by `initiate` loses one data directory after the other, other members crashing meanwhile. Each time the member must be
 * admitted again under its new incarnation.
 */
export function wipeWalk(seed: number): void {
  const random = randomFrom(seed * 31);
  const members = random() < 0.5 ? 3 : 5;
  const cluster = arkWorld({
    members,
    seed,
    networkMillis: [1, 1 + random() * 20],
    slowDisks: random() < 0.5,
    lossRate: random() < 0.3 ? 0.05 : 0,
  });
  for (const { id } of cluster.nodes) cluster.start(id);
  cluster.command(0, { kind: 'initiate', config: cluster.configInput() });
  cluster.awaitPrimary();
  const recorded = (id: number) =>
    cluster.member(cluster.primary() ?? 0).config?.members[id]?.incarnation;
  cluster.runUntil(() => cluster.nodes.every(({ id, disk }) => recorded(id) === disk.incarnation));
  for (let i = 0; i < 5; i++) {
    const wiped = Math.floor(random() * members);
    for (let burst = 0; burst < 5; burst++) {
      for (const { id } of cluster.nodes) cluster.write(id);
      cluster.run(random() * 100);
    }
    cluster.wipe(wiped);
    cluster.start(wiped);
    const other = Math.floor(random() * members);
    if (random() < 0.4 && other !== wiped) {
      cluster.run(random() * 1000);
      cluster.crash(other);
      cluster.run(random() * 3000);
      cluster.start(other);
    }
    const isAdmitted = () =>
      cluster.primary() !== undefined && recorded(wiped) === cluster.node(wiped).disk.incarnation;
    cluster.runUntil(isAdmitted, 40_000);
  }
  cluster.runUntil(() => cluster.primary() !== undefined && cluster.logsAreEqual());
}

function disturb(cluster: World<Member>, random: () => number): void {
  const id = Math.floor(random() * cluster.nodes.length);
  const other = Math.floor(random() * cluster.nodes.length);
  const node = cluster.node(id);
  const choice = random();
  if (choice < 0.4) for (const one of cluster.nodes) cluster.write(one.id);
  else if (choice < 0.5) cluster.crash(id, random() < 0.8 ? 0 : 1);
  else if (choice < 0.65) {
    if (node.member === undefined) cluster.start(id);
  } else if (choice < 0.75) {
    const side = cluster.nodes.filter(() => random() < 0.5).map((one) => one.id);
    const rest = cluster.nodes.map((one) => one.id).filter((one) => !side.includes(one));
    cluster.network.cut(side, rest);
  } else if (choice < 0.8) cluster.network.cutOneWay(id, other);
  else if (choice < 0.9) cluster.network.heal();
  else if (choice < 0.92) cluster.pause(id);
  else if (choice < 0.94) cluster.resume(id);
  else if (choice < 0.97 && node.member !== undefined)
    cluster.command(id, { kind: 'stepDown', force: random() < 0.5, freezeMillis: 1000 });
  else if (choice < 0.98) {
    for (const one of cluster.nodes) cluster.crash(one.id);
    for (const one of cluster.nodes) cluster.start(one.id);
  }
}

function rest(cluster: World<Member>): void {
  cluster.network.heal();
  for (const node of cluster.nodes) {
    if (node.member === undefined) cluster.start(node.id);
    if (node.isPaused) cluster.resume(node.id);
  }
  const primary = cluster.awaitPrimary(15_000);
  cluster.write(primary);
  const isAtRest = () =>
    cluster.logsAreEqual() &&
    cluster.nodes.every(({ member, log }) => {
      const last = lastGtid(log);
      return member?.commitPoint.term === last.term && member.commitPoint.opid === last.opid;
    });
  cluster.runUntil(isAtRest, 15_000);
}
