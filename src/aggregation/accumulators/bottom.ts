import { ranked } from './ranked.ts';

/** `$bottom`: the output of the last document of an order. */
export const bottom = ranked('$bottom', 'bottom', true);
