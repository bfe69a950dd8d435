/** `$sampleRate`: each document with this probability. */
import { encodeValue, type RawValue } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { noVariables } from '../../expressions/index.ts';
import type { FilterNode } from '../filter-node.ts';
import { isNumberType, numberOf } from '../raw-number.ts';
import { parseExpr } from './expr.ts';

export function sampleRate(value: RawValue): FilterNode {
  if (!isNumberType(value.type)) {
    throw new MongoServerError('BadValue', 'argument to $sampleRate must be a numeric type');
  }
  const rate = numberOf(value)!;
  if (!(rate >= 0 && rate <= 1)) {
    throw new MongoServerError('BadValue', 'numeric argument to $sampleRate must be in [0, 1]');
  }
  if (rate === 0) return { kind: 'alwaysFalse' };
  if (rate === 1) return { kind: 'alwaysTrue' };
  return parseExpr(encodeValue({ $lt: [{ $rand: {} }, { $const: rate }] }), noVariables);
}
