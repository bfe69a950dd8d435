import {
  type Accumulator,
  accumulators as plain,
  type SpecialAccumulator,
} from '../../expressions/index.ts';
import { bottom } from './bottom.ts';
import { bottomN } from './bottom-n.ts';
import { top } from './top.ts';
import { topN } from './top-n.ts';

/** Every accumulator there is, by name. */
export const accumulators: ReadonlyMap<string, Accumulator | SpecialAccumulator> = new Map([
  ...plain,
  ...[bottom, bottomN, top, topN].map((one) => [one.name, one] as const),
]);
