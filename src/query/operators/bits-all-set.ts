import { bitsOperator } from './bits.ts';

/** `$bitsAllSet`: all the named bits are 1. */
export const bitsAllSet = bitsOperator('$bitsAllSet');
