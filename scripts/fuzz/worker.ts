/** One worker of `npm run fuzz`: runs its seeds, tells before each which it is, and what failed. */
import { type Failure, runSeed } from '../../test/fuzz/campaign.ts';

/** Seeds from, from + stride ... below end. */
export interface FuzzOrder {
  readonly from: number;
  readonly stride: number;
  readonly end: number;
}

export interface FuzzMessage {
  /** Worlds done so far. */
  readonly worlds: number;
  /** The seed that comes next. */
  readonly seed: number;
  readonly failure?: Failure;
}

// Many a refusal is thrown and none is looked at; a failing seed is run again where stacks are kept.
Error.stackTraceLimit = 0;

process.once('message', async ({ from, stride, end }: FuzzOrder) => {
  let worlds = 0;
  for (let seed = from; seed < end; seed += stride) {
    const failure = await runSeed(seed);
    worlds += 1;
    const message: FuzzMessage = { worlds, seed: seed + stride, ...(failure && { failure }) };
    process.send?.(message);
  }
  process.disconnect();
});
