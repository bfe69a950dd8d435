import type { SafetyRules } from '../../src/ark/index.ts';
import { arkWorld, InvariantBroken } from '../simulation/world/index.ts';

/**
 * A primary of five is cut off from all others and told, so many members at a time, to leave the others out. Both sides write; the invariant that
 * breaks then, undefined if none does.
 */
export function shrunkByCutOffPrimary(
  off: readonly (keyof SafetyRules)[],
  atATime: number,
): string | undefined {
  const world = arkWorld({ members: 5, off, invariants: 'losses' }).bootstrap();
  const old = world.awaitPrimary();
  world.run(3000);
  const others = world.nodes.map(({ id }) => id).filter((id) => id !== old);
  world.network.cut([old], others);
  for (const id of others)
    world.feed(id, { kind: 'peerDisconnected', member: old, now: world.now });
  for (let left = others; left.length > 0; left = left.slice(atATime)) {
    const { config } = world.member(old);
    const kept = [old, ...left.slice(atATime)];
    const members = config!.members.filter(({ _id }) => kept.includes(_id));
    const next = { ...config!, version: config!.version + 1, members };
    world.command(old, { kind: 'reconfig', config: next, force: false });
  }
  try {
    world.run(50);
    world.write(old);
    world.runUntil(() => (world.primary() ?? old) !== old);
    world.write(world.primary()!);
    world.run(100);
    world.network.heal();
    world.run(5000);
  } catch (error) {
    if (error instanceof InvariantBroken) return error.invariant;
    throw error;
  }
  return undefined;
}
