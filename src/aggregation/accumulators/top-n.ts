import { ranked } from './ranked.ts';

/** `$topN`: the outputs of the first `n` documents of an order, an array. */
export const topN = ranked('$topN', 'top', false);
