import { BsonType } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { elementsOf } from '../elements.ts';
import { anyNumber, type PlainOperator } from '../expression.ts';
import { arrayValue, isNullish, nullValue, typeName, type Value } from '../value.ts';

/** `$concatArrays`: null when one of them is null or missing. */
export const concatArrays: PlainOperator = {
  kind: 'plain',
  name: '$concatArrays',
  arity: anyNumber,
  evaluate(operands) {
    const all: Value[] = [];
    for (const operand of operands) {
      if (isNullish(operand)) return nullValue;
      if (operand!.type !== BsonType.array) {
        throw new MongoServerError(
          28664,
          `$concatArrays only supports arrays, not ${typeName(operand)}`,
        );
      }
      for (const element of elementsOf(operand!)) all.push(element);
    }
    return arrayValue(all);
  },
};
