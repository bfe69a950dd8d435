import { BsonType } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { countValue, typeName } from '../value.ts';

/** `$strLenBytes`: the number of UTF-8 bytes. */
export const strLenBytes: PlainOperator = {
  kind: 'plain',
  name: '$strLenBytes',
  arity: exactly(1),
  evaluate([operand]) {
    if (operand?.type !== BsonType.string) {
      throw new MongoServerError(
        34473,
        `$strLenBytes requires a string argument, found: ${typeName(operand)}`,
      );
    }
    return countValue(operand.end - operand.start - 5);
  },
};
