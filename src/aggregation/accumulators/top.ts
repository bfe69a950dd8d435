import { ranked } from './ranked.ts';

/** `$top`: the output of the first document of an order. */
export const top = ranked('$top', 'top', true);
