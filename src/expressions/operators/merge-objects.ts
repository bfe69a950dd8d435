import { BsonType } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { elementsOf } from '../elements.ts';
import { anyNumber, type PlainOperator } from '../expression.ts';
import { FieldMap } from '../field-map.ts';
import { documentValue, isNullish, typeName } from '../value.ts';

/** `$mergeObjects`: all fields; of equal names the last value, at the place of the first. */
export const mergeObjects: PlainOperator = {
  kind: 'plain',
  name: '$mergeObjects',
  arity: anyNumber,
  evaluate(operands) {
    const fields = new FieldMap();
    const [only] = operands;
    const list =
      operands.length === 1 && only?.type === BsonType.array ? elementsOf(only) : operands;
    for (const operand of list) {
      if (isNullish(operand)) continue;
      if (operand!.type !== BsonType.object) {
        throw new MongoServerError(
          40400,
          `$mergeObjects requires object inputs, but input is of type ${typeName(operand)}`,
        );
      }
      fields.merge(operand!.buffer, operand!.start);
    }
    return documentValue(fields.encode());
  },
};
