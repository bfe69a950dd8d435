import type { Accumulator } from './accumulator.ts';
import { startDeviation } from './standard-deviation.ts';

/** `$stdDevPop`: the standard deviation of a population. */
export const stdDevPop: Accumulator = {
  name: '$stdDevPop',
  start: () => startDeviation(0),
};
