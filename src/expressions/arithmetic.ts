/** Arithmetic on values, as the expressions of these names do it. */
import { add } from './operators/add.ts';
import { divide } from './operators/divide.ts';
import { multiply } from './operators/multiply.ts';
import { subtract } from './operators/subtract.ts';
import type { Value } from './value.ts';

export const addValues = (a: Value, b: Value): Value => add.evaluate([a, b])!;
export const subtractValues = (a: Value, b: Value): Value => subtract.evaluate([a, b])!;
export const multiplyValues = (a: Value, b: Value): Value => multiply.evaluate([a, b])!;
export const divideValues = (a: Value, b: Value): Value => divide.evaluate([a, b])!;
