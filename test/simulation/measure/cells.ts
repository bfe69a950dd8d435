import { type DataCentreLoss, loseDataCentre, type Outcome } from './data-centre-loss.ts';
import { type Failover, failovers, type Loss } from './failover.ts';
import type { Network } from './networks.ts';
import { type Stability, stability, type Trouble } from './stability.ts';
import type { Variant } from './variants.ts';

/*
 * Many trials of one kind: what a table has in one of its cells. Seeds are 1, 2, 3 ...
 */

/** Trials of one set: with another seed everything is drawn anew, and that costs a start. */
const trialsPerSeed = 10;

export interface Failovers {
  readonly members: number;
  readonly network: Network;
  readonly variant: Variant;
  readonly loss: Loss;
  readonly trials: number;
}

export function failoverTrials({ trials, loss, ...options }: Failovers): Failover[] {
  return seeds(trials / trialsPerSeed).flatMap((seed) =>
    failovers({ ...options, seed }, loss, trialsPerSeed),
  );
}

/** The mean over as many sets, each for so long. */
export function meanStability(
  options: { readonly members: number; readonly network: Network; readonly variant: Variant },
  trouble: Trouble,
  { sets, seconds }: { readonly sets: number; readonly seconds: number },
): Stability {
  const all = seeds(sets).map((seed) => stability({ ...options, seed }, trouble, seconds));
  const mean = (pick: (one: Stability) => number) =>
    all.reduce((sum, one) => sum + pick(one), 0) / all.length;
  return {
    elections: mean(({ elections }) => elections),
    decidingRounds: mean(({ decidingRounds }) => decidingRounds),
    speculativeRounds: mean(({ speculativeRounds }) => speculativeRounds),
  };
}

export function outcomes(
  options: Omit<DataCentreLoss, 'seed'>,
  trials: number,
): Record<Outcome, number> {
  const count = { spread: 0, kept: 0, lost: 0 };
  for (const seed of seeds(trials)) count[loseDataCentre({ ...options, seed })] += 1;
  return count;
}

function seeds(count: number): number[] {
  return Array.from({ length: Math.max(1, Math.ceil(count)) }, (_, index) => index + 1);
}
