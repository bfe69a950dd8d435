import type { Accumulator } from './accumulator.ts';
import { startDeviation } from './standard-deviation.ts';

/** `$stdDevSamp`: the standard deviation of a sample. */
export const stdDevSamp: Accumulator = {
  name: '$stdDevSamp',
  start: () => startDeviation(1),
};
