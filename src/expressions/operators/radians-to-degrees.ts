import type { Decimal } from '../../bson/index.ts';
import { angleUnit } from '../angle-unit.ts';

/** 180 / π in 34 digits. */
const decimalFactor: Decimal = {
  kind: 'finite',
  negative: false,
  coefficient: 5729577951308232087679815481410517n,
  exponent: -32,
};

/** `$radiansToDegrees`: a double, or a decimal of a decimal. */
export const radiansToDegrees = angleUnit('$radiansToDegrees', 180 / Math.PI, decimalFactor);
