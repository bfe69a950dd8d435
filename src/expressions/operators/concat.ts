import { BsonType } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { anyNumber, type PlainOperator } from '../expression.ts';
import { bytesAsText, isNullish, nullValue, typeName, utf8Of } from '../value.ts';

/** `$concat`: strings one behind the other; null when one of them is null or missing. */
export const concat: PlainOperator = {
  kind: 'plain',
  name: '$concat',
  arity: anyNumber,
  evaluate(operands) {
    const parts: Buffer[] = [];
    for (const operand of operands) {
      if (isNullish(operand)) return nullValue;
      if (operand!.type !== BsonType.string) {
        throw new MongoServerError(
          16702,
          `$concat only supports strings, not ${typeName(operand)}`,
        );
      }
      parts.push(utf8Of(operand!));
    }
    return bytesAsText(Buffer.concat(parts));
  },
};
