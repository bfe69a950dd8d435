import { extreme } from './extreme.ts';

/** `$min`: the smaller of the field and the argument. */
export const min = extreme('$min', -1);
