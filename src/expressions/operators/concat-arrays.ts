import { BsonType } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { elementsOf } from '../elements.ts';
import { anyNumber, type PlainOperator } from '../expression.ts';
import {
  arrayValue,
  checkArrayLength,
  isNullish,
  nullValue,
  typeName,
  type Value,
} from '../value.ts';

/** `$concatArrays`: null when one of them is null or missing. */
export const concatArrays: PlainOperator = {
  kind: 'plain',
  name: '$concatArrays',
  arity: anyNumber,
  evaluate(operands) {
    const all: Value[] = [];
    let bytes = 0;
    for (const operand of operands) {
      if (isNullish(operand)) return nullValue;
      if (operand!.type !== BsonType.array) {
        throw new MongoServerError(
          28664,
          `$concatArrays only supports arrays, not ${typeName(operand)}`,
        );
      }
      bytes += operand!.end - operand!.start;
      checkArrayLength(bytes);
      for (const element of elementsOf(operand!)) all.push(element);
    }
    return arrayValue(all);
  },
};
