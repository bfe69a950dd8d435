import { extreme } from './extreme.ts';

/** `$max`: the greater of the field and the argument. */
export const max = extreme('$max', 1);
