import { bitsOperator } from './bits.ts';

/** `$bitsAllClear`: all the named bits are 0. */
export const bitsAllClear = bitsOperator('$bitsAllClear');
