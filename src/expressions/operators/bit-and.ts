import { bitwise } from '../bitwise.ts';

/** `$bitAnd`: of none all bits are set. */
export const bitAnd = bitwise('$bitAnd', -1n, (a, b) => a & b);
