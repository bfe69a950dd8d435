import type { Gtid, WriteConcern } from '../../../src/ark/index.ts';
import { MeasuredSet } from './measured-set.ts';
import { type Network, wan } from './networks.ts';
import type { Variant } from './variants.ts';

/*
 * The scenario of question 7.1: nine members in three data centres, writes acknowledged as soon as a second data centre has
 * them, which is less than a majority. Then the data centre of the primary loses its power.
 */

/** Of the newest acknowledged write. `spread`: more than one survivor had it, so the trial says nothing. */
export type Outcome = 'spread' | 'kept' | 'lost';

const members = 9;
export const inAnotherDataCentre: WriteConcern = { w: { dc: 2 } };

export interface DataCentreLoss {
  readonly variant: Variant;
  readonly seed: number;
  readonly concern: WriteConcern;
  /** The only holder does not stand, and its answers to speculative rounds get lost: the deciding round is what is left. */
  readonly isHolderUnheard: boolean;
}

export function loseDataCentre(options: DataCentreLoss): Outcome {
  const { variant, seed, concern, isHolderUnheard } = options;
  const network: Network = { ...wan, lossRate: 0 };
  const tagged = (id: number) => [id, { tags: { dc: `${(id + seed) % 3}` } }] as const;
  const set = new MeasuredSet({
    members,
    network,
    variant,
    seed,
    memberOverrides: Object.fromEntries(Array.from({ length: members }, (_, id) => tagged(id))),
    writeIntervalMillis: 10,
  });
  const { world } = set;
  const primary = set.settle();
  let acknowledged: Gtid | undefined;
  const waiting: Gtid[] = [];
  world.watchers.onAppend.push((node, entry) => {
    if (node.id === primary) waiting.push(entry.gtid);
  });
  world.watchers.onStep.push((node) => {
    if (node.id !== primary) return;
    while (waiting[0] !== undefined && world.isAcknowledged(primary, waiting[0], concern))
      acknowledged = waiting.shift();
  });
  world.run(1_000 + world.random() * 100);
  const centre = set.regionOf(primary);
  const survivors = world.nodes.filter(({ id }) => set.regionOf(id) !== centre);
  // Of all survivors only one still gets what is written, from the lost data centre: a short trouble before the great one.
  const only = survivors.find(({ member }) => set.regionOf(member?.sync.source ?? -1) === centre);
  if (only === undefined) return 'spread';
  for (const { id } of survivors) if (id !== only.id) world.network.cut([id], set.others(id));
  world.run(200 + world.random() * 300);
  world.network.heal();
  for (const { id } of world.nodes) if (set.regionOf(id) === centre) set.cutPower(id);
  const newest = acknowledged;
  if (newest === undefined) throw new Error('nothing was acknowledged before the loss');
  const holders = survivors.filter(({ id }) => world.holds(id, newest));
  if (holders.length > 1) return 'spread';
  if (isHolderUnheard) {
    world.command(only.id, { kind: 'freeze', millis: 600_000 });
    world.network.filter = (from, _to, message) =>
      from !== only.id || message.kind !== 'speculativeVoteAnswer';
  }
  const term = world.node(survivors[0]!.id).view?.term ?? 0;
  world.runUntil(() => (world.history.committed?.gtid.term ?? 0) > term, 120_000);
  const next = world.history.tenureOf(world.history.committed?.gtid.term ?? 0);
  return next !== undefined && world.holds(next.node, newest) ? 'kept' : 'lost';
}
