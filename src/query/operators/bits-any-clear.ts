import { bitsOperator } from './bits.ts';

/** `$bitsAnyClear`: at least one of the named bits is 0. */
export const bitsAnyClear = bitsOperator('$bitsAnyClear');
