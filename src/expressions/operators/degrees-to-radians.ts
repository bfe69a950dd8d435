import type { Decimal } from '../../bson/index.ts';
import { angleUnit } from '../angle-unit.ts';

/** π / 180 in 34 digits. */
const decimalFactor: Decimal = {
  kind: 'finite',
  negative: false,
  coefficient: 1745329251994329576923690768488613n,
  exponent: -35,
};

/** `$degreesToRadians`: a double, or a decimal of a decimal. */
export const degreesToRadians = angleUnit('$degreesToRadians', Math.PI / 180, decimalFactor);
