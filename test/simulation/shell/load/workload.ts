import type { World } from '../world.ts';
import type { Client, Fields } from './client.ts';

/** One kind of load, what its clients have been told, and the judgement over it. */
export interface Workload {
  /** Writes that were acknowledged so that they can not be lost. */
  readonly acknowledged: number;
  /** One operation of a client, from its request to its answer. Never throws. */
  step(client: Client): Promise<void>;
  /** Judges what was told against what has remained; fails the world. `documents` reads a collection. */
  check(world: World, documents: (collection: string) => Promise<Fields[]>): Promise<void>;
}

export interface WriteConcernChoice {
  readonly writeConcern: Fields;
  /** Acknowledged means it can not be lost. */
  readonly isSafe: boolean;
}

const majority: WriteConcernChoice = { writeConcern: { w: 'majority' }, isSafe: true };

/** A write concern as applications mix them. */
export function drawWriteConcern(world: World): WriteConcernChoice {
  const { members, memberConfigs, faults, trustsW1 } = world.setup;
  if (trustsW1) return { writeConcern: { w: 1 }, isSafe: true };
  const w = world.dice.pick(['majority', 'majority', 'majority', 1, 1, members, 2]);
  // Who holds nothing, or does not vote, is counted otherwise than here.
  const isPlain = Object.values(memberConfigs).every(
    ({ votes, arbiterOnly }) => votes !== 0 && !arbiterOnly,
  );
  const isChanging = faults.includes('reconfig');
  const safeFrom = Math.floor(members / 2) + 1;
  const isPossible = typeof w === 'string' || (isPlain && w <= members);
  if (!isPossible) return majority;
  return {
    writeConcern: { w, ...(world.dice.chance(0.2) ? { wtimeout: 300 } : {}) },
    isSafe: w === 'majority' || (isPlain && !isChanging && Number(w) >= safeFrom),
  };
}
