import { BsonType, toNumber } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { doubleValue, isNullish, isNumber, nullValue, typeName, type Value } from '../value.ts';

function numberOf(value: Value): number {
  if (!isNumber(value)) {
    throw new MongoServerError(51044, `$atan2 only supports numeric types, not ${typeName(value)}`);
  }
  if (value.type === BsonType.decimal) {
    throw new MongoServerError('NotImplemented', '$atan2 of a decimal is not implemented');
  }
  return toNumber(value.buffer, value.type, value.start);
}

/** `$atan2`: `[y, x]`, a double. */
export const atan2: PlainOperator = {
  kind: 'plain',
  name: '$atan2',
  arity: exactly(2),
  evaluate([y, x]) {
    if (isNullish(y) || isNullish(x)) return nullValue;
    return doubleValue(Math.atan2(numberOf(y!), numberOf(x!)));
  },
};
