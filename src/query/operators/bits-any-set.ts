import { bitsOperator } from './bits.ts';

/** `$bitsAnySet`: at least one of the named bits is 1. */
export const bitsAnySet = bitsOperator('$bitsAnySet');
