import type { Accumulator } from './accumulator.ts';
import { addToSet } from './add-to-set.ts';
import { avg } from './avg.ts';
import { count } from './count.ts';
import { first } from './first.ts';
import { last } from './last.ts';
import { max } from './max.ts';
import { mergeObjects } from './merge-objects.ts';
import { min } from './min.ts';
import { push } from './push.ts';
import { sum } from './sum.ts';

/** Every accumulator there is, by name. */
export const accumulators: ReadonlyMap<string, Accumulator> = new Map(
  [addToSet, avg, count, first, last, max, mergeObjects, min, push, sum].map((one) => [
    one.name,
    one,
  ]),
);

/** Accumulators of the protocol that answer NotImplemented. */
export const missingAccumulators: ReadonlySet<string> = new Set([
  '$accumulator',
  '$bottom',
  '$bottomN',
  '$firstN',
  '$lastN',
  '$maxN',
  '$median',
  '$minN',
  '$percentile',
  '$stdDevPop',
  '$stdDevSamp',
  '$top',
  '$topN',
]);
