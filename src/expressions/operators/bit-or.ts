import { bitwise } from '../bitwise.ts';

/** `$bitOr`. */
export const bitOr = bitwise('$bitOr', 0n, (a, b) => a | b);
