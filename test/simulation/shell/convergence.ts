import { compareGtids } from '../../../src/ark/index.ts';
import type { Server } from './server.ts';
import type { World } from './world.ts';

/** How long a set of which all is well may take to agree. */
export const convergeWithinMs = 60_000;

/** One primary, all in service, the same log everywhere, durable and committed. */
export function hasConverged(world: World): boolean {
  const { members, primaries, running } = world;
  const [primary] = primaries;
  const last = primary?.server?.replicaSet.lastApplied;
  if (running.length < members.length || primaries.length !== 1 || last === undefined) return false;
  return running.every(({ server }) => {
    const { replicaSet } = server as Server;
    if (replicaSet.stateName === 'ARBITER') return true;
    return (
      replicaSet.role !== 'other' &&
      compareGtids(replicaSet.lastDurable, last) === 0 &&
      compareGtids(replicaSet.lastApplied, last) === 0 &&
      compareGtids(replicaSet.commitPoint, last) === 0
    );
  });
}

export function describe(world: World): string {
  return world.members
    .map(({ id, server }) => {
      if (server === undefined) return `${id} down`;
      const { stateName, term, lastApplied, commitPoint } = server.replicaSet;
      return `${id} ${stateName} term ${term} last ${JSON.stringify(lastApplied)} commit ${JSON.stringify(commitPoint)}`;
    })
    .join('; ');
}
