import { BsonType, readInt32 } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { intValue, isNullish, nullValue, typeName, utf8Of } from '../value.ts';

/** `$binarySize`: bytes of a string, or of binary data. */
export const binarySize: PlainOperator = {
  kind: 'plain',
  name: '$binarySize',
  arity: exactly(1),
  evaluate([operand]) {
    if (isNullish(operand)) return nullValue;
    const { buffer, type, start } = operand!;
    if (type === BsonType.string) return intValue(utf8Of(operand!).length);
    if (type === BsonType.binData) return intValue(readInt32(buffer, start));
    throw new MongoServerError(
      51276,
      `$binarySize requires a string or BinData argument, found: ${typeName(operand)}`,
    );
  },
};
