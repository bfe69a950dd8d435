import { counted } from './counted.ts';
import { startExtremes } from './extreme-n.ts';

/** `$minN`: an array of the `n` least values, the least first. */
export const minN = counted('$minN', 5787900, (n, collation) => startExtremes(n, 1, collation));
