import type { Accumulator, SpecialAccumulator } from './accumulator.ts';
import { addToSet } from './add-to-set.ts';
import { avg } from './avg.ts';
import { count } from './count.ts';
import { custom } from './custom.ts';
import { first } from './first.ts';
import { firstN } from './first-n.ts';
import { last } from './last.ts';
import { lastN } from './last-n.ts';
import { max } from './max.ts';
import { maxN } from './max-n.ts';
import { median } from './median.ts';
import { mergeObjects } from './merge-objects.ts';
import { min } from './min.ts';
import { minN } from './min-n.ts';
import { percentile } from './percentile.ts';
import { push } from './push.ts';
import { stdDevPop } from './std-dev-pop.ts';
import { stdDevSamp } from './std-dev-samp.ts';
import { sum } from './sum.ts';

const all: readonly (Accumulator | SpecialAccumulator)[] = [
  addToSet,
  avg,
  count,
  custom,
  first,
  firstN,
  last,
  lastN,
  max,
  maxN,
  median,
  mergeObjects,
  min,
  minN,
  percentile,
  push,
  stdDevPop,
  stdDevSamp,
  sum,
];

/** Every accumulator that needs no order, by name. */
export const accumulators: ReadonlyMap<string, Accumulator | SpecialAccumulator> = new Map(
  all.map((one) => [one.name, one]),
);
