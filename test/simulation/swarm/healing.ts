import {
  gtidsEqual,
  isInitialGtid,
  type MemberConfig,
  type ReplicaSetConfig,
  voteMajority,
  votersOf,
  writeMajority,
} from '../../../src/ark/index.ts';
import { type Clients, lastGtid, type Node, type World } from '../world/index.ts';
import { newestConfig } from './act.ts';
import type { Draw } from './draw.ts';
import type { Setup } from './plan.ts';

/** How long things took after the healing, milliseconds; undefined where nothing could be demanded. */
export interface Recovery {
  /** Until a majority write was answered, or, where too few hold data, a primary was there. */
  readonly writableMillis: number | undefined;
  /** From then until logs and commit points of the core were equal. */
  readonly convergedMillis: number | undefined;
}

/** What the others are from now on, for ever. */
const fates = ['down', 'cut', 'deaf', 'mute', 'oneFriend', 'flapping', 'well'] as const;

/**
 * Heals a random core that a majority of voters belongs to, leaves everybody else half broken for ever, and demands that the core gets
 * on: a writable primary within six election timeouts, then equal logs and commit points, and that everybody in it counts (L1 to L4). Three timeouts do for all but one
 * set in several thousand, where two candidates tie more than once. To the timeouts come ten round trips of the slowest link, since every
 * round is made of messages, and what disks that were slow before must still write. They are well afterwards: no bound holds for a set in
 * which one flush in ten takes longer than a round of votes is waited for, half a timeout. Where a voter of the core may have to copy
 * everything it has longer: it first waits, as long as a heartbeat may take, for somebody who still has the entries it needs.
 */
export function healAndDemand<M>(
  world: World<M>,
  clients: Clients<M>,
  setup: Setup,
  draw: Draw,
): Recovery {
  const nothing = { writableMillis: undefined, convergedMillis: undefined };
  const config = newestConfig(world);
  if (config === undefined) return nothing;
  const core = drawCore(world, config, draw);
  if (core === undefined) return nothing;
  world.network.heal();
  world.network.options = { ...world.network.options, lossRate: 0, duplicateRate: 0 };
  for (const node of world.nodes) if (!core.has(node.id)) abandon(world, node, core, draw);
  const flushing = Math.max(...[...core].map((id) => flushingMillis(world, world.node(id))));
  for (const id of core) restore(world, world.node(id));
  if (world.tellsStory) world.say(-1, `healed for ever: ${[...core].map((id) => `n${id}`)}`);

  const canCommit = configsInForce(world, config).every(
    (one) => holdersIn(world, one, core) >= holdersNeeded(world, one, core),
  );
  const timeout = setup.settings.electionTimeoutMillis ?? 2000;
  const slowest = setup.networkMillis[1] + Math.max(0, ...setup.farLinks.map(([, , far]) => far));
  const electing = 6 * timeout + 20 * slowest + flushing;
  const bound = mayHaveToCopy(world, setup, core) ? electing + 6 * timeout + 20_000 : electing;
  // A source that brought nothing, or could not be copied from, is not asked again for ten seconds.
  const convergenceBound = bound + 10_000;
  const healedAt = world.now;
  const before = clients.acknowledged;
  const isWritable = () => {
    const primary = world.primary();
    if (!canCommit) return primary !== undefined;
    if (clients.acknowledged !== before) return true;
    if (primary !== undefined) clients.write(primary, { w: 'majority' });
    return false;
  };
  waitFor(world, isWritable, bound, 'OneWriterEventually');
  const writableAt = world.now;
  if (!canCommit) return { writableMillis: writableAt - healedAt, convergedMillis: undefined };
  waitFor(world, () => hasConverged(world, core), convergenceBound, 'Convergence');
  return {
    writableMillis: writableAt - healedAt,
    convergedMillis: world.now - writableAt,
  };
}

/** Entries, disks or a founding may be missing, without which a voter can neither follow nor vote. */
function mayHaveToCopy<M>(world: World<M>, setup: Setup, core: ReadonlySet<number>): boolean {
  if (!setup.isInitiated || world.history.disksLost > 0) return true;
  return [...core].some((id) => world.node(id).disk.oldestIndex > 0);
}

function waitFor<M>(world: World<M>, condition: () => boolean, millis: number, rule: string): void {
  const end = world.now + millis;
  while (!condition()) {
    if (world.now >= end) world.broken(rule, `not within ${millis} ms\n${stateOf(world)}`);
    world.run(25);
  }
}

/**
 * Nodes that can do without all others: of every configuration that may be in force among them, a majority of voters that keep what they
 * promised, one of them electable. Undefined where not even all nodes are enough.
 */
function drawCore<M>(
  world: World<M>,
  newest: ReplicaSetConfig,
  draw: Draw,
): Set<number> | undefined {
  const all = world.nodes.map(({ id }) => id);
  for (let attempt = 0; attempt < 12; attempt++) {
    const core = new Set(all.filter(() => draw.chance(0.65)));
    if (suffices(world, newest, core)) return core;
  }
  const everybody = new Set(all);
  return suffices(world, newest, everybody) || isBeingFounded(world) ? everybody : undefined;
}

/** The newest one may be known to a member alone that is not in the core: any of these may be the one that is left. */
function configsInForce<M>(world: World<M>, newest: ReplicaSetConfig): ReplicaSetConfig[] {
  const configs = new Set([newest]);
  for (const { disk, view } of world.nodes)
    for (const config of [disk.config, view?.config]) if (config !== undefined) configs.add(config);
  return [...configs];
}

function suffices<M>(world: World<M>, newest: ReplicaSetConfig, core: Set<number>): boolean {
  return configsInForce(world, newest).every((config) => {
    const voters = votersOf(config).filter(
      ({ _id, incarnation }) =>
        core.has(_id) && isSound(world.node(_id), incarnation) && !hasToCopyFirst(world, _id),
    );
    return voters.length >= voteMajority(config) && voters.some((one) => one.priority > 0);
  });
}

/** Its data is whole and its promises are the ones that count. */
function isSound<M>({ disk, view }: Node<M>, recorded: string | undefined): boolean {
  if (view?.config?.members.some((one) => one.arbiterOnly && one.incarnation === disk.incarnation))
    return true;
  if (!disk.isComplete || view?.role === 'initialSync') return false;
  return recorded === undefined || recorded === disk.incarnation;
}

/** It has nothing, and somebody no longer has the first entries: until all are there to copy from, it can not vote. */
function hasToCopyFirst<M>(world: World<M>, id: number): boolean {
  const isEmpty = isInitialGtid(lastGtid(world.node(id).log));
  return isEmpty && world.nodes.some(({ disk }) => disk.oldestIndex > 0);
}

/** Nobody has lost anything; most have just not had anything yet. */
function isBeingFounded<M>(world: World<M>): boolean {
  return (
    world.history.disksLost === 0 &&
    world.nodes.some(({ disk }) => disk.isComplete) &&
    world.nodes.every(({ disk }) => disk.heldBefore === undefined || isInitialGtid(disk.heldBefore))
  );
}

function holdersIn<M>(world: World<M>, config: ReplicaSetConfig, core: Set<number>): number {
  const holds = (one: MemberConfig) =>
    !one.arbiterOnly && core.has(one._id) && isSound(world.node(one._id), one.incarnation);
  return votersOf(config).filter(holds).length;
}

/** Once a primary has recorded that nobody counts where a member of the core has come back with another disk. */
function holdersNeeded<M>(
  world: World<M>,
  config: ReplicaSetConfig,
  core: ReadonlySet<number>,
): number {
  const isLost = ({ _id, incarnation }: MemberConfig) =>
    core.has(_id) && incarnation !== undefined && incarnation !== world.node(_id).disk.incarnation;
  const members = config.members.map((one) =>
    !one.arbiterOnly && isLost(one) ? { ...one, incarnation: '' } : one,
  );
  return writeMajority({ ...config, members });
}

/** What a slow disk was asked for before it was well again still takes so long. */
function flushingMillis<M>(world: World<M>, { disk }: Node<M>): number {
  const { flushMillis, slowestFactor } = disk.timing;
  return Math.max(disk.busyUntil - world.now, flushMillis * slowestFactor);
}

function restore<M>(world: World<M>, node: Node<M>): void {
  const { id, disk } = node;
  disk.isFailing = false;
  disk.timing = { flushMillis: Math.min(disk.timing.flushMillis, 20), slowestFactor: 1 };
  if (node.member === undefined) world.start(id);
  world.resume(id);
  const { role } = node.view!;
  if (role === 'recovering') world.command(id, { kind: 'maintenance', on: false });
  if (role === 'secondary') world.command(id, { kind: 'freeze', millis: 0 });
}

function abandon<M>(world: World<M>, node: Node<M>, core: Set<number>, draw: Draw): void {
  const { id } = node;
  const { network } = world;
  const fate = draw.pick(fates);
  const others = world.nodes.map((one) => one.id).filter((other) => other !== id);
  if (world.tellsStory) world.say(id, `is left ${fate}`);
  const friend = draw.pick([...core]);
  switch (fate) {
    case 'down':
      world.crash(id);
      return;
    case 'cut':
      network.cut([id], others);
      break;
    case 'deaf':
      for (const other of others) network.cutOneWay(other, id);
      break;
    case 'mute':
      for (const other of others) network.cutOneWay(id, other);
      break;
    case 'oneFriend':
      network.cut(
        [id],
        others.filter((other) => other !== friend),
      );
      break;
    case 'flapping':
      flap(world, id, others, draw);
      break;
    case 'well':
      break;
  }
  if (node.member === undefined && draw.chance(0.8)) world.start(id);
  world.resume(id);
}

function flap<M>(world: World<M>, id: number, others: readonly number[], draw: Draw): void {
  const isCut = draw.chance(0.5);
  for (const other of others)
    for (const [from, to] of [
      [id, other],
      [other, id],
    ] as const)
      if (isCut) world.network.cutOneWay(from, to);
      else world.network.restore(from, to);
  world.schedule.after(draw.between(100, 3000), () => flap(world, id, others, draw));
}

function hasConverged<M>(world: World<M>, core: Set<number>): boolean {
  const primary = world.primary();
  if (primary === undefined) return false;
  const { log, view } = world.node(primary);
  return (view?.config?.members ?? []).every((one) => {
    if (one.arbiterOnly || !core.has(one._id)) return true;
    const node = world.node(one._id);
    const isFollowing = node.view?.role === 'primary' || node.view?.role === 'secondary';
    // A primary that is not in the core need not hear all of it.
    if (core.has(primary) && one.incarnation !== node.disk.incarnation) return false;
    return isFollowing && node.log === log && gtidsEqual(node.commitPoint, lastGtid(log));
  });
}

function stateOf<M>(world: World<M>): string {
  return world.nodes
    .map(({ id, view, log, commitPoint, pulling }) => {
      const { term, opid } = lastGtid(log);
      const role =
        view === undefined ? 'down' : `${view.role}${view.isWritable ? ' writable' : ''}`;
      const terms = `voted ${view?.maxVotedTermId}, knows ${view?.maxKnownTermId}`;
      const end = `(${term},${opid}), committed (${commitPoint.term},${commitPoint.opid})`;
      return `n${id} ${role}, ${terms}, ${end}, pulls from n${pulling?.source.id}`;
    })
    .join('\n');
}
