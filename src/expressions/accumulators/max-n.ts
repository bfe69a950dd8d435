import { counted } from './counted.ts';
import { startExtremes } from './extreme-n.ts';

/** `$maxN`: an array of the `n` greatest values, the greatest first. */
export const maxN = counted('$maxN', 5787900, (n, collation) => startExtremes(n, -1, collation));
