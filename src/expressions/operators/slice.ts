import { BsonType, valueText } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { wholeNumberOf } from '../coerce.ts';
import { elementsOf } from '../elements.ts';
import { between, type PlainOperator } from '../expression.ts';
import { arrayValue, isNullish, isNumber, nullValue, typeName, type Value } from '../value.ts';

/** `$slice`: `[array, count]` or `[array, position, count]`. */
export const slice: PlainOperator = {
  kind: 'plain',
  name: '$slice',
  arity: between(2, 3),
  evaluate(operands) {
    const [array, second, third] = operands;
    if (operands.some(isNullish)) return nullValue;
    if (array!.type !== BsonType.array) {
      throw new MongoServerError(
        28724,
        `First argument to $slice must be an array, but is of type: ${typeName(array)}`,
      );
    }
    const number = int32Of(second!, 28725, 'Second', 28726, 'a numeric value');
    const elements = elementsOf(array!);
    if (operands.length === 2) {
      return arrayValue(number >= 0 ? elements.slice(0, number) : elements.slice(number));
    }
    const count = int32Of(third!, 28727, 'Third', 28728, 'numeric');
    if (count <= 0) {
      throw new MongoServerError(28729, `Third argument to $slice must be positive: ${count}`);
    }
    const from = number >= 0 ? number : Math.max(0, elements.length + number);
    return arrayValue(elements.slice(from, from + count));
  },
};

function int32Of(
  value: Value,
  typeCode: number,
  which: string,
  valueCode: number,
  kind: string,
): number {
  if (!isNumber(value)) {
    throw new MongoServerError(
      typeCode,
      `${which} argument to $slice must be ${kind}, but is of type: ${typeName(value)}`,
    );
  }
  const number = wholeNumberOf(value);
  if (number !== undefined) return number;
  throw new MongoServerError(
    valueCode,
    `${which} argument to $slice can't be represented as a 32-bit integer: ${valueText(value)}`,
  );
}
