import { bitwise } from '../bitwise.ts';

/** `$bitXor`. */
export const bitXor = bitwise('$bitXor', 0n, (a, b) => a ^ b);
