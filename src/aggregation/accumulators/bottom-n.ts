import { ranked } from './ranked.ts';

/** `$bottomN`: the outputs of the last `n` documents of an order, an array. */
export const bottomN = ranked('$bottomN', 'bottom', false);
